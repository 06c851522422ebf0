-- "folders": 5 rows
INSERT INTO folders (id, owner_id, parent_id) VALUES (1, 1, NULL);
INSERT INTO folders (id, owner_id, parent_id) VALUES (3, 1, NULL);
INSERT INTO folders (id, owner_id, parent_id) VALUES (4, 1, 3);
INSERT INTO folders (id, owner_id, parent_id) VALUES (5, 1, 1);
INSERT INTO folders (id, owner_id, parent_id) VALUES (7, 1, NULL);
-- "owners": 1 rows
INSERT INTO owners (id) VALUES (1);
