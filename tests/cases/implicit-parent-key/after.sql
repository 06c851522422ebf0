-- "children": 1 rows
INSERT INTO children (id, x, y) VALUES (1, 1, 2);
-- "parents": 1 rows
INSERT INTO parents (a, b) VALUES (2, 1);
