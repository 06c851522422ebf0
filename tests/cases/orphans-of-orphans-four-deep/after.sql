-- "a": 1 rows
INSERT INTO a (id) VALUES (1);
-- "b": 1 rows
INSERT INTO b (id, a_id) VALUES (1, 1);
-- "c": 1 rows
INSERT INTO c (id, b_id) VALUES (1, 1);
-- "d": 1 rows
INSERT INTO d (id, c_id) VALUES (1, 1);
-- "e": 1 rows
INSERT INTO e (id, d_id) VALUES (1, 1);
