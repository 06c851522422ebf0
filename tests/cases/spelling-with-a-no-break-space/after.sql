-- "children": 4 rows
INSERT INTO children (id, p) VALUES (1, ' 12');
INSERT INTO children (id, p) VALUES (2, '12');
INSERT INTO children (id, p) VALUES (3, '12');
INSERT INTO children (id, p) VALUES (4, NULL);
-- "parents": 2 rows
INSERT INTO parents (id) VALUES (12);
INSERT INTO parents (id) VALUES (13);
