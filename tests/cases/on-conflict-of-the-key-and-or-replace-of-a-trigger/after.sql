-- "c": 3 rows
INSERT INTO c (id, p, n) VALUES (1, 9, 1);
INSERT INTO c (id, p, n) VALUES (2, 9, 2);
INSERT INTO c (id, p, n) VALUES (3, 1, 3);
-- "last": 1 rows
INSERT INTO last (k, v) VALUES ('c', 3);
-- "p": 1 rows
INSERT INTO p (id) VALUES (1);
