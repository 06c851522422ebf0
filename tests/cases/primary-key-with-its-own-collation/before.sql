-- The primary key is NOCASE and its column is not: by an implicit reference SQLite looks up in the index, so it is
-- the index's collation that decides; a reference that names the column is a mismatch.
-- Expected: implicit: 'ann' and 'ANN' both find 'Ann', only 'bob' is an orphan and its key becomes NULL. explicit:
-- parent-key-not-unique (another collation), its rows are not checked and not touched.
CREATE TABLE people (name TEXT, PRIMARY KEY (name COLLATE NOCASE));
CREATE TABLE implicit (id INTEGER PRIMARY KEY, name TEXT REFERENCES people);
CREATE TABLE explicit (id INTEGER PRIMARY KEY, name TEXT REFERENCES people (name));
INSERT INTO people VALUES ('Ann');
INSERT INTO implicit VALUES (1, 'ann'), (2, 'ANN'), (3, 'bob');
INSERT INTO explicit VALUES (1, 'ann'), (2, 'nobody');
