-- The unique index of the parent lacks an entry (it was a partial index, and the catalogue was edited), so SQLite takes
-- child 1 for an orphan. Its parent stands in the table.
-- Expected: index-disagrees for 1 row, no orphan. The repair is REINDEX and nothing else; the row stays as it is.
CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT);
CREATE TABLE children (id INTEGER PRIMARY KEY, code TEXT REFERENCES parents (code) ON DELETE CASCADE);
CREATE UNIQUE INDEX parents_code ON parents (code) WHERE id > 1;
INSERT INTO parents VALUES (1, 'a'), (2, 'b');
INSERT INTO children VALUES (1, 'a'), (2, 'b');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX parents_code ON parents (code)' WHERE name = 'parents_code';
PRAGMA writable_schema = RESET;
