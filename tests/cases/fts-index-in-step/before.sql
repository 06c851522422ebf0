-- Full-text indexes of every kind that hold what they should, or cannot be compared with anything: over a table, over a
-- view, with content of their own, without content, and without sizes.
-- Expected: nothing is found, exit code 0; nothing to repair.
-- needs: fts5
CREATE TABLE notes (id INTEGER PRIMARY KEY, "the body" TEXT, kind TEXT);
INSERT INTO notes VALUES (1, 'one', 'a'), (7, 'two', 'b');
CREATE VIEW some_notes AS SELECT id, "the body" FROM notes WHERE kind = 'a';
CREATE VIRTUAL TABLE notes_fts USING fts5 ("the body", content="notes", content_rowid=id, tokenize = 'porter ascii');
INSERT INTO notes_fts (notes_fts) VALUES ('rebuild');
CREATE VIRTUAL TABLE some_fts USING fts5 ("the body", content = [some_notes], content_rowid = 'id');
INSERT INTO some_fts (some_fts) VALUES ('rebuild');
CREATE VIRTUAL TABLE own_fts USING fts5 (body, tokenize = "unicode61 tokenchars '-,('");
INSERT INTO own_fts VALUES ('one'), ('two');
DELETE FROM own_fts WHERE rowid = 1;
CREATE VIRTUAL TABLE bare_fts USING fts5 (body, content = '');
INSERT INTO bare_fts (rowid, body) VALUES (5, 'five');
CREATE VIRTUAL TABLE unsized_fts USING fts5 (body, columnsize = 0);
INSERT INTO unsized_fts VALUES ('one');
