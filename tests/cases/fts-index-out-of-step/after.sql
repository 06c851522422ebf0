-- "more_fts": 5 rows
INSERT INTO more_fts (body) VALUES ('five');
INSERT INTO more_fts (body) VALUES ('four');
INSERT INTO more_fts (body) VALUES ('one');
INSERT INTO more_fts (body) VALUES ('six');
INSERT INTO more_fts (body) VALUES ('three');
-- "notes": 5 rows
INSERT INTO notes (id, body) VALUES (1, 'one');
INSERT INTO notes (id, body) VALUES (3, 'three');
INSERT INTO notes (id, body) VALUES (4, 'four');
INSERT INTO notes (id, body) VALUES (5, 'five');
INSERT INTO notes (id, body) VALUES (6, 'six');
-- "notes_fts": 5 rows
INSERT INTO notes_fts (body) VALUES ('five');
INSERT INTO notes_fts (body) VALUES ('four');
INSERT INTO notes_fts (body) VALUES ('one');
INSERT INTO notes_fts (body) VALUES ('six');
INSERT INTO notes_fts (body) VALUES ('three');
