-- "members": 3 rows
INSERT INTO members (a, code) VALUES ('a', 'x1');
INSERT INTO members (a, code) VALUES ('b', 'x2');
INSERT INTO members (a, code) VALUES ('c', 'x4');
-- "refs": 4 rows
INSERT INTO refs (id, code) VALUES (1, 'x1');
INSERT INTO refs (id, code) VALUES (2, 'x2');
INSERT INTO refs (id, code) VALUES (3, NULL);
INSERT INTO refs (id, code) VALUES (4, 'x4');
