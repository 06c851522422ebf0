-- "a": 2 rows
INSERT INTO a (id, parent_id) VALUES (1, 1);
INSERT INTO a (id, parent_id) VALUES (2, NULL);
-- "any_parents": 1 rows
INSERT INTO any_parents (k) VALUES (1);
-- "b": 1 rows
INSERT INTO b (id, parent_id) VALUES ('x', 1);
-- "c": 2 rows
INSERT INTO c (id, k) VALUES (1, 1);
INSERT INTO c (id, k) VALUES (2, 1);
-- "parents": 1 rows
INSERT INTO parents (id) VALUES (1);
