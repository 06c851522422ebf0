-- "children": 2 rows
INSERT INTO children (id, parent_id) VALUES (1, 5);
INSERT INTO children (id, parent_id) VALUES (2, NULL);
-- "parents": 2 rows
INSERT INTO parents (id, name) VALUES (NULL, 'none');
INSERT INTO parents (id, name) VALUES (5, 'five');
