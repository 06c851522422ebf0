-- "bare_fts": 1 rows
INSERT INTO bare_fts (body) VALUES (NULL);
-- "notes": 2 rows
INSERT INTO notes (id, "the body", kind) VALUES (1, 'one', 'a');
INSERT INTO notes (id, "the body", kind) VALUES (7, 'two', 'b');
-- "notes_fts": 2 rows
INSERT INTO notes_fts ("the body") VALUES ('one');
INSERT INTO notes_fts ("the body") VALUES ('two');
-- "own_fts": 1 rows
INSERT INTO own_fts (body) VALUES ('two');
-- "some_fts": 1 rows
INSERT INTO some_fts ("the body") VALUES ('one');
-- "unsized_fts": 1 rows
INSERT INTO unsized_fts (body) VALUES ('one');
