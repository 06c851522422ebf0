-- An external-content FTS5 index that only triggers keep in step. Without them it would go on finding deleted rows.
-- needs: fts5
-- query: SELECT rowid FROM pages_fts WHERE pages_fts MATCH 'lost'
-- query: SELECT rowid FROM pages_fts WHERE pages_fts MATCH 'kept'
-- Expected: 1 orphan, page 2, deleted; afterwards 'lost' is found nowhere, 'kept' in page 1 as before.
CREATE TABLE books (id INTEGER PRIMARY KEY);
CREATE TABLE pages (id INTEGER PRIMARY KEY, book_id INTEGER NOT NULL REFERENCES books (id), body TEXT);
CREATE VIRTUAL TABLE pages_fts USING fts5 (body, content = 'pages', content_rowid = 'id');
CREATE TRIGGER pages_ai AFTER INSERT ON pages BEGIN
  INSERT INTO pages_fts (rowid, body) VALUES (new.id, new.body);
END;
CREATE TRIGGER pages_ad AFTER DELETE ON pages BEGIN
  INSERT INTO pages_fts (pages_fts, rowid, body) VALUES ('delete', old.id, old.body);
END;
INSERT INTO books VALUES (1);
INSERT INTO pages VALUES (1, 1, 'kept words'), (2, 9, 'lost words');
