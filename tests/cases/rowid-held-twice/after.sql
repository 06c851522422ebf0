-- "c": 3 rows
INSERT INTO c (id, p_id) VALUES (1, 1);
INSERT INTO c (id, p_id) VALUES (2, 4);
INSERT INTO c (id, p_id) VALUES (3, 5);
-- "p": 6 rows
INSERT INTO p (id, name) VALUES (1, 'one');
INSERT INTO p (id, name) VALUES (2, 'two');
INSERT INTO p (id, name) VALUES (3, 'three');
INSERT INTO p (id, name) VALUES (4, 'five');
INSERT INTO p (id, name) VALUES (4, 'four');
INSERT INTO p (id, name) VALUES (6, 'six');
