-- Departments have a head, employees a department, and neither key may be NULL.
-- Expected: 1 orphan: employee 3, whose department 9 is gone. Deleting him takes department 2, which he heads, and that
-- takes employee 4, who works in it. Department 1 with employees 1 and 2 stays.
CREATE TABLE departments (id INTEGER PRIMARY KEY, head_id INTEGER NOT NULL REFERENCES employees (id));
CREATE TABLE employees (id INTEGER PRIMARY KEY, department_id INTEGER NOT NULL REFERENCES departments (id));
INSERT INTO departments VALUES (1, 1), (2, 3);
INSERT INTO employees VALUES (1, 1), (2, 1), (3, 9), (4, 2);
