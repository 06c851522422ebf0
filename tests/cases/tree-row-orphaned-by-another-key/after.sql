-- "bound": 1 rows
INSERT INTO bound (id, owner_id, parent_id) VALUES (1, 1, 1);
-- "free": 3 rows
INSERT INTO free (id, owner_id, parent_id) VALUES (1, 1, NULL);
INSERT INTO free (id, owner_id, parent_id) VALUES (3, 1, NULL);
INSERT INTO free (id, owner_id, parent_id) VALUES (4, 1, 3);
-- "owners": 1 rows
INSERT INTO owners (id) VALUES (1);
