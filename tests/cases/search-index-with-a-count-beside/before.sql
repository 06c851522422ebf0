-- The triggers that keep a full-text index in step do more than that: they count the documents of each author.
-- Expected: two documents without a category are deleted, the index forgets them, and the count goes down by two. Taken
-- back row by row, the count is what it was: no trigger counts the documents that come back a second time.
-- needs: fts5
CREATE TABLE categories (id INTEGER PRIMARY KEY);
CREATE TABLE authors (id INTEGER PRIMARY KEY, published INTEGER);
CREATE TABLE documents (
  id INTEGER PRIMARY KEY,
  author_id INTEGER REFERENCES authors,
  category_id INTEGER NOT NULL REFERENCES categories,
  body TEXT);
CREATE VIRTUAL TABLE search USING fts5(body, content='documents', content_rowid='id');
CREATE TRIGGER documents_in AFTER INSERT ON documents BEGIN
  INSERT INTO search (rowid, body) VALUES (NEW.id, NEW.body);
  UPDATE authors SET published = published + 1 WHERE id = NEW.author_id;
END;
CREATE TRIGGER documents_out AFTER DELETE ON documents BEGIN
  INSERT INTO search (search, rowid, body) VALUES ('delete', OLD.id, OLD.body);
  UPDATE authors SET published = published - 1 WHERE id = OLD.author_id;
END;
INSERT INTO categories VALUES (1);
INSERT INTO authors VALUES (1, 0);
INSERT INTO documents VALUES (1, 1, 1, 'hello'), (2, 1, 9, 'world'), (3, 1, 9, 'foo');
