-- "c": 5 rows
INSERT INTO c (id, p, n, t) VALUES (1, 1, 1, 'a'); -- g = 2
INSERT INTO c (id, p, n, t) VALUES (2, NULL, 10, 'b'); -- g = 11
INSERT INTO c (id, p, n, t) VALUES (3, 1, 0, 'long'); -- g = 1
INSERT INTO c (id, p, n, t) VALUES (4, 1, 3, 'y'); -- g = 4
INSERT INTO c (id, p, n, t) VALUES (5, 1, 3, 'Y'); -- g = 4
-- "p": 1 rows
INSERT INTO p (id) VALUES (1);
