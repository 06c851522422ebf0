-- "c": 3 rows
INSERT INTO c (id, p, code) VALUES (1, NULL, 'a');
INSERT INTO c (id, p, code) VALUES (2, NULL, 'b');
INSERT INTO c (id, p, code) VALUES (3, 1, 'c');
-- "last": 1 rows
INSERT INTO last (k, v) VALUES ('c', 2);
-- "p": 1 rows
INSERT INTO p (id) VALUES (1);
