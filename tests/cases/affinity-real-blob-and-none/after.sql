-- "any_parents": 2 rows
INSERT INTO any_parents (k) VALUES (1);
INSERT INTO any_parents (k) VALUES ('one');
-- "blob_parents": 1 rows
INSERT INTO blob_parents (k) VALUES (x'ff');
-- "of_any": 3 rows
INSERT INTO of_any (id, k) VALUES (1, 1);
INSERT INTO of_any (id, k) VALUES (2, 'one');
INSERT INTO of_any (id, k) VALUES (3, NULL);
-- "of_blob": 2 rows
INSERT INTO of_blob (id, k) VALUES (1, x'ff');
INSERT INTO of_blob (id, k) VALUES (2, NULL);
-- "of_real": 3 rows
INSERT INTO of_real (id, k) VALUES (1, 1);
INSERT INTO of_real (id, k) VALUES (2, '1.0');
INSERT INTO of_real (id, k) VALUES (3, NULL);
-- "real_parents": 2 rows
INSERT INTO real_parents (k) VALUES (1.0);
INSERT INTO real_parents (k) VALUES (2.0);
