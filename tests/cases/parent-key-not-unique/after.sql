-- "expression": 1 rows
INSERT INTO expression (x) VALUES ('zz');
-- "heap": 0 rows
-- "no_pk": 1 rows
INSERT INTO no_pk (x) VALUES (99);
-- "none": 1 rows
INSERT INTO none (x) VALUES ('zz');
-- "of_view": 1 rows
INSERT INTO of_view (x) VALUES (99);
-- "other_collation": 1 rows
INSERT INTO other_collation (x) VALUES ('zz');
-- "p": 1 rows
INSERT INTO p (id, a, b, c, d, e, f) VALUES (1, 'a', 'b', 'c', 'd', 'e', 'f');
-- "partial": 1 rows
INSERT INTO partial (x) VALUES ('zz');
-- "plain_index": 1 rows
INSERT INTO plain_index (x) VALUES ('zz');
-- "sound": 2 rows
INSERT INTO sound (x) VALUES (NULL);
INSERT INTO sound (x) VALUES ('f');
