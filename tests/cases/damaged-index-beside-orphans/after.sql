-- "children": 2 rows
INSERT INTO children (id, code) VALUES (1, 'a');
INSERT INTO children (id, code) VALUES (2, 'b');
-- "parents": 2 rows
INSERT INTO parents (id, code) VALUES (1, 'a');
INSERT INTO parents (id, code) VALUES (2, 'b');
