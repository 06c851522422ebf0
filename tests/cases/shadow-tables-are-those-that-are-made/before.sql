-- Ordinary tables whose names look like those in which a virtual table keeps its content: FTS3 makes no posts_stat, and
-- an index with external content makes no doc_content. note refers to such a table as well.
-- Expected: their orphans are found and repaired like any other, also those that author 2 leaves behind when it goes.
-- query: SELECT * FROM posts_stat
-- query: SELECT * FROM doc_content
-- needs: fts3
-- needs: fts5
CREATE TABLE org(id INTEGER PRIMARY KEY);
CREATE TABLE author(id INTEGER PRIMARY KEY, org INT NOT NULL REFERENCES org);
CREATE VIRTUAL TABLE posts USING fts3(body);
CREATE TABLE posts_stat(id INTEGER PRIMARY KEY, author_id INT NOT NULL REFERENCES author(id), n INT);
CREATE TABLE doc_content(id INTEGER PRIMARY KEY, author_id INT NOT NULL REFERENCES author(id), body TEXT);
CREATE TABLE note(id INTEGER PRIMARY KEY, doc_id INT REFERENCES doc_content(id));
CREATE VIRTUAL TABLE doc USING fts5(body, content='doc_content', content_rowid='id');
CREATE TRIGGER doc_ai AFTER INSERT ON doc_content BEGIN INSERT INTO doc(rowid, body) VALUES(new.id, new.body); END;
CREATE TRIGGER doc_ad AFTER DELETE ON doc_content BEGIN
  INSERT INTO doc(doc, rowid, body) VALUES('delete', old.id, old.body);
END;
INSERT INTO org VALUES(1); INSERT INTO author VALUES(1,1),(2,9);
INSERT INTO posts_stat VALUES(1,1,3),(2,2,3);
INSERT INTO doc_content VALUES(1,2,'x'),(2,77,'y'),(3,1,'z'); INSERT INTO note VALUES(1,99),(2,1),(3,3);
