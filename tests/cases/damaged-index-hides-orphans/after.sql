-- "children": 3 rows
INSERT INTO children (id, code) VALUES (1, 'a');
INSERT INTO children (id, code) VALUES (2, 'b');
INSERT INTO children (id, code) VALUES (3, NULL);
-- "parents": 2 rows
INSERT INTO parents (id, code) VALUES (1, 'a');
INSERT INTO parents (id, code) VALUES (2, 'b');
