-- "folders": 5 rows
INSERT INTO folders (id, parent_id, name) VALUES (1, NULL, 'root');
INSERT INTO folders (id, parent_id, name) VALUES (2, NULL, 'lost');
INSERT INTO folders (id, parent_id, name) VALUES (3, 2, 'below');
INSERT INTO folders (id, parent_id, name) VALUES (4, 3, 'deeper');
INSERT INTO folders (id, parent_id, name) VALUES (5, 1, 'sound');
