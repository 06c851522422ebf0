-- The triggers that kept two full-text indexes in step were lost: rows were added and removed behind their backs.
-- Expected: fts-out-of-step for notes_fts (lacks rows 4, 5 and 6 of notes, holds row 2 that is gone: an error) and
-- for more_fts (lacks row 6: a warning). Nothing is repaired; the error is listed as left.
-- needs: fts5
-- search: out of step
CREATE TABLE notes (id INTEGER PRIMARY KEY, body TEXT);
INSERT INTO notes VALUES (1, 'one'), (2, 'two'), (3, 'three');
CREATE VIRTUAL TABLE notes_fts USING fts5 (body, content = 'notes', content_rowid = 'id');
INSERT INTO notes_fts (notes_fts) VALUES ('rebuild');
INSERT INTO notes VALUES (4, 'four'), (5, 'five');
DELETE FROM notes WHERE id = 2;
CREATE VIRTUAL TABLE more_fts USING fts5 (body, content = 'notes', content_rowid = 'id');
INSERT INTO more_fts (more_fts) VALUES ('rebuild');
INSERT INTO notes VALUES (6, 'six');
