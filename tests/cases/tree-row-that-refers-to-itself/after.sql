-- "folders": 5 rows
INSERT INTO folders (id, parent_id) VALUES (1, 1);
INSERT INTO folders (id, parent_id) VALUES (2, 4);
INSERT INTO folders (id, parent_id) VALUES (3, 2);
INSERT INTO folders (id, parent_id) VALUES (4, 3);
INSERT INTO folders (id, parent_id) VALUES (5, 5);
