-- "parts": 1 rows
INSERT INTO parts (id) VALUES (1);
-- "projects": 1 rows
INSERT INTO projects (id) VALUES (1);
-- "suppliers": 1 rows
INSERT INTO suppliers (id) VALUES (1);
-- "supplies": 2 rows
INSERT INTO supplies (id, supplier_id, part_id, project_id) VALUES (1, 1, 1, 1);
INSERT INTO supplies (id, supplier_id, part_id, project_id) VALUES (3, 1, NULL, 1);
