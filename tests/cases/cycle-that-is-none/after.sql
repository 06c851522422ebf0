-- "folders": 7 rows
INSERT INTO folders (id, parent_id) VALUES (1, 1);
INSERT INTO folders (id, parent_id) VALUES (2, 4);
INSERT INTO folders (id, parent_id) VALUES (3, 4);
INSERT INTO folders (id, parent_id) VALUES (4, 5);
INSERT INTO folders (id, parent_id) VALUES (5, 1);
INSERT INTO folders (id, parent_id) VALUES (6, 6);
INSERT INTO folders (id, parent_id) VALUES (7, 6);
-- "nodes": 5 rows
INSERT INTO nodes (code, up) VALUES ('A', 'q');
INSERT INTO nodes (code, up) VALUES ('a', 'z');
INSERT INTO nodes (code, up) VALUES ('m', NULL);
INSERT INTO nodes (code, up) VALUES ('q', 'a');
INSERT INTO nodes (code, up) VALUES ('z', 'm');
-- "people": 3 rows
INSERT INTO people (id, spouse_id) VALUES (1, 2);
INSERT INTO people (id, spouse_id) VALUES (2, 1);
INSERT INTO people (id, spouse_id) VALUES (3, NULL);
