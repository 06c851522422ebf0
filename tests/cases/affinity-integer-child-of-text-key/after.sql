-- "children": 3 rows
INSERT INTO children (id, code) VALUES (1, 7);
INSERT INTO children (id, code) VALUES (2, 8);
INSERT INTO children (id, code) VALUES (3, NULL);
-- "parents": 2 rows
INSERT INTO parents (code) VALUES ('007');
INSERT INTO parents (code) VALUES ('8');
