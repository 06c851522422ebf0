-- "folders": 4 rows
INSERT INTO folders (id, parent_id) VALUES (1, 0);
INSERT INTO folders (id, parent_id) VALUES (2, 1);
INSERT INTO folders (id, parent_id) VALUES (3, 0);
INSERT INTO folders (id, parent_id) VALUES (6, 2);
