-- "c": 3 rows
INSERT INTO c (id, p) VALUES (1, NULL);
INSERT INTO c (id, p) VALUES (2, NULL);
INSERT INTO c (id, p) VALUES (3, 1);
-- "d": 3 rows
INSERT INTO d (id, p) VALUES (1, 8); -- q = 8
INSERT INTO d (id, p) VALUES (2, 9); -- q = 9
INSERT INTO d (id, p) VALUES (3, 1); -- q = 1
-- "last": 1 rows
INSERT INTO last (k, v) VALUES ('c', 2);
-- "p": 1 rows
INSERT INTO p (id) VALUES (1);
