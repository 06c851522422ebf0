-- A trigger takes the old row out of an external-content FTS5 index and puts the new one in, as the manual advises.
-- needs: fts5
-- query: SELECT rowid FROM pages_fts WHERE pages_fts MATCH 'words'
-- Expected: 1 orphan; page 2 stays with a NULL book, and both pages are still found.
CREATE TABLE books (id INTEGER PRIMARY KEY);
CREATE TABLE pages (id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books (id), body TEXT);
CREATE VIRTUAL TABLE pages_fts USING fts5 (body, content = 'pages', content_rowid = 'id');
CREATE TRIGGER pages_ai AFTER INSERT ON pages BEGIN
  INSERT INTO pages_fts (rowid, body) VALUES (new.id, new.body);
END;
CREATE TRIGGER pages_au AFTER UPDATE ON pages BEGIN
  INSERT INTO pages_fts (pages_fts, rowid, body) VALUES ('delete', old.id, old.body);
  INSERT INTO pages_fts (rowid, body) VALUES (new.id, new.body);
END;
INSERT INTO books VALUES (1);
INSERT INTO pages VALUES (1, 1, 'kept words'), (2, 9, 'other words');
