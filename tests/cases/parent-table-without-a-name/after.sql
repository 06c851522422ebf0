-- "": 1 rows
INSERT INTO "" (p, n) VALUES (1, 'there');
-- "a": 2 rows
INSERT INTO a (id, p) VALUES (1, 1);
INSERT INTO a (id, p) VALUES (2, 7);
-- "b": 2 rows
INSERT INTO b (id, p) VALUES (1, 1);
INSERT INTO b (id, p) VALUES (2, NULL);
-- "c": 2 rows
INSERT INTO c (id, p) VALUES (1, 1);
INSERT INTO c (id, p) VALUES (3, 1);
