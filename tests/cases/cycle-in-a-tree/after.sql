-- "folders": 11 rows
INSERT INTO folders (id, parent_id, name) VALUES (1, NULL, 'root');
INSERT INTO folders (id, parent_id, name) VALUES (2, 1, 'a');
INSERT INTO folders (id, parent_id, name) VALUES (3, 5, 'b');
INSERT INTO folders (id, parent_id, name) VALUES (4, 3, 'c');
INSERT INTO folders (id, parent_id, name) VALUES (5, 4, 'd');
INSERT INTO folders (id, parent_id, name) VALUES (6, 4, 'e');
INSERT INTO folders (id, parent_id, name) VALUES (7, 6, 'f');
INSERT INTO folders (id, parent_id, name) VALUES (8, 2, 'g');
INSERT INTO folders (id, parent_id, name) VALUES (9, 9, 'h');
INSERT INTO folders (id, parent_id, name) VALUES (10, 12, 'i');
INSERT INTO folders (id, parent_id, name) VALUES (12, 1, 'j');
