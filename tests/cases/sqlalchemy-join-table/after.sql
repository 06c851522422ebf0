-- "association": 2 rows
INSERT INTO association (left_id, right_id) VALUES (1, 1);
INSERT INTO association (left_id, right_id) VALUES (2, 2);
-- "left": 2 rows
INSERT INTO left (id) VALUES (1);
INSERT INTO left (id) VALUES (2);
-- "right": 2 rows
INSERT INTO right (id) VALUES (1);
INSERT INTO right (id) VALUES (2);
