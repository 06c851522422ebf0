-- "notes": 4 rows
INSERT INTO notes (id, body) VALUES (1, 'one');
INSERT INTO notes (id, body) VALUES (3, 'three');
INSERT INTO notes (id, body) VALUES (4, 'four');
INSERT INTO notes (id, body) VALUES (5, 'five');
-- "notes_fts": 4 rows
INSERT INTO notes_fts (body) VALUES ('five');
INSERT INTO notes_fts (body) VALUES ('four');
INSERT INTO notes_fts (body) VALUES ('one');
INSERT INTO notes_fts (body) VALUES ('three');
-- "own_fts": 3 rows
INSERT INTO own_fts (body) VALUES ('one');
INSERT INTO own_fts (body) VALUES ('three');
INSERT INTO own_fts (body) VALUES ('two');
