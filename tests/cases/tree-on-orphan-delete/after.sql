-- "folders": 2 rows
INSERT INTO folders (id, parent_id) VALUES (1, NULL);
INSERT INTO folders (id, parent_id) VALUES (5, 1);
