-- "children": 6 rows
INSERT INTO children (id, p) VALUES (1, '35');
INSERT INTO children (id, p) VALUES (2, ' 35 ');
INSERT INTO children (id, p) VALUES (3, '035');
INSERT INTO children (id, p) VALUES (4, '35.0');
INSERT INTO children (id, p) VALUES (5, NULL);
INSERT INTO children (id, p) VALUES (6, NULL);
-- "parents": 2 rows
INSERT INTO parents (id) VALUES (35);
INSERT INTO parents (id) VALUES (36);
