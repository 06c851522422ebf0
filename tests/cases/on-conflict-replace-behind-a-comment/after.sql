-- "c": 2 rows
INSERT INTO c (id, p, v) VALUES (1, 1, 'sound');
INSERT INTO c (id, p, v) VALUES (2, 99, 'orphan');
-- "d": 2 rows
INSERT INTO d (id, p, "on conflict replace") VALUES (1, 1, 'sound');
INSERT INTO d (id, p, "on conflict replace") VALUES (2, 1, 'orphan');
-- "p": 2 rows
INSERT INTO p (id) VALUES (1);
INSERT INTO p (id) VALUES (2);
