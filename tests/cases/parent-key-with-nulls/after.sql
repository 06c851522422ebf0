-- "children": 3 rows
INSERT INTO children (id, code) VALUES (1, 'a');
INSERT INTO children (id, code) VALUES (2, NULL);
INSERT INTO children (id, code) VALUES (3, NULL);
-- "parents": 3 rows
INSERT INTO parents (id, code) VALUES (1, 'a');
INSERT INTO parents (id, code) VALUES (2, NULL);
INSERT INTO parents (id, code) VALUES (3, NULL);
