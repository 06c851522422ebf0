-- "batch": 1 rows
INSERT INTO batch (id, owner) VALUES (1, 1);
-- "person": 1 rows
INSERT INTO person (id) VALUES (1);
-- "ticket": 5 rows
INSERT INTO ticket (id, author, editor, batch) VALUES (1, NULL, NULL, 1);
INSERT INTO ticket (id, author, editor, batch) VALUES (2, NULL, 1, NULL);
INSERT INTO ticket (id, author, editor, batch) VALUES (3, 1, NULL, 1);
INSERT INTO ticket (id, author, editor, batch) VALUES (4, 1, 1, 1);
INSERT INTO ticket (id, author, editor, batch) VALUES (5, 1, 1, NULL);
