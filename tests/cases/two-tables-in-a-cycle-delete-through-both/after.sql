-- "departments": 1 rows
INSERT INTO departments (id, head_id) VALUES (1, 1);
-- "employees": 2 rows
INSERT INTO employees (id, department_id) VALUES (1, 1);
INSERT INTO employees (id, department_id) VALUES (2, 1);
