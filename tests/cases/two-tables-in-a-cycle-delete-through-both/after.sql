-- "departments": 2 rows
INSERT INTO departments (id, head_id) VALUES (1, 1);
INSERT INTO departments (id, head_id) VALUES (2, 3);
-- "employees": 4 rows
INSERT INTO employees (id, department_id) VALUES (1, 1);
INSERT INTO employees (id, department_id) VALUES (2, 1);
INSERT INTO employees (id, department_id) VALUES (3, 9);
INSERT INTO employees (id, department_id) VALUES (4, 2);
