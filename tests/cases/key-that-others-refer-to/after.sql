-- "a": 1 rows
INSERT INTO a (code) VALUES ('x');
-- "b": 2 rows
INSERT INTO b (id, code) VALUES (1, 'x');
INSERT INTO b (id, code) VALUES (2, 'gone');
-- "c": 2 rows
INSERT INTO c (id, code) VALUES (1, 'x');
INSERT INTO c (id, code) VALUES (2, 'gone');
