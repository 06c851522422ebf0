-- "files": 1 rows
INSERT INTO files (id, folder_id) VALUES (1, 5);
-- "folders": 2 rows
INSERT INTO folders (id, parent_id, name) VALUES (1, 1, 'root');
INSERT INTO folders (id, parent_id, name) VALUES (5, 1, 'sound');
