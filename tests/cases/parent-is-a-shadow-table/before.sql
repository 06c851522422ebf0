-- A foreign key refers to the table in which a full-text index keeps its content. That is a table with a primary key,
-- and SQLite looks the parent up there.
-- Expected: the orphan is found and its key set to NULL; the index's own table is only read.
-- needs: fts5
CREATE VIRTUAL TABLE doc USING fts5(body);
CREATE TABLE note(id INTEGER PRIMARY KEY, doc_id INT REFERENCES doc_content(id));
INSERT INTO doc(rowid, body) VALUES(1, 'x'), (2, 'y');
INSERT INTO note VALUES(1, 1), (2, 99), (3, NULL);
