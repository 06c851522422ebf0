-- Only a DELETE has a trigger that keeps the full-text index in step; what is inserted is indexed by the application.
-- Expected: two notes without an owner are deleted, and the index forgets them. Taken back row by row, the index finds
-- them again.
-- needs: fts5
CREATE TABLE owners (id INTEGER PRIMARY KEY);
CREATE TABLE notes (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owners, body TEXT);
CREATE VIRTUAL TABLE search USING fts5(body, content='notes', content_rowid='id');
CREATE TRIGGER notes_out AFTER DELETE ON notes BEGIN
  INSERT INTO search (search, rowid, body) VALUES ('delete', OLD.id, OLD.body);
END;
INSERT INTO owners VALUES (1);
INSERT INTO notes VALUES (1, 1, 'one'), (2, 9, 'two'), (3, 9, 'three');
INSERT INTO search (search) VALUES ('rebuild');
