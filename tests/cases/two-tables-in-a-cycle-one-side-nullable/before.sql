-- The same cycle, but a department may be without a head.
-- Expected: 1 orphan, employee 3, who is deleted; department 2, which he headed, stays without a head (a consequence),
-- and so employee 4 stays too.
CREATE TABLE departments (id INTEGER PRIMARY KEY, head_id INTEGER REFERENCES employees (id));
CREATE TABLE employees (id INTEGER PRIMARY KEY, department_id INTEGER NOT NULL REFERENCES departments (id));
INSERT INTO departments VALUES (1, 1), (2, 3);
INSERT INTO employees VALUES (1, 1), (2, 1), (3, 9), (4, 2);
