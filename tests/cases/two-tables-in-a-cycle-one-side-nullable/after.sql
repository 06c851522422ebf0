-- "departments": 2 rows
INSERT INTO departments (id, head_id) VALUES (1, 1);
INSERT INTO departments (id, head_id) VALUES (2, NULL);
-- "employees": 3 rows
INSERT INTO employees (id, department_id) VALUES (1, 1);
INSERT INTO employees (id, department_id) VALUES (2, 1);
INSERT INTO employees (id, department_id) VALUES (4, 2);
