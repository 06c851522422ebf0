-- The same damage, and child 3 is an orphan by the table as well.
-- repairs: 2
-- Expected: index-disagrees for child 1 and 1 orphan, child 3. The first repair is REINDEX and leaves the orphan for
-- later; the second deletes it. Child 1 stays.
CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT);
CREATE TABLE children (id INTEGER PRIMARY KEY, code TEXT REFERENCES parents (code) ON DELETE CASCADE);
CREATE UNIQUE INDEX parents_code ON parents (code) WHERE id > 1;
INSERT INTO parents VALUES (1, 'a'), (2, 'b');
INSERT INTO children VALUES (1, 'a'), (2, 'b'), (3, 'c');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX parents_code ON parents (code)' WHERE name = 'parents_code';
PRAGMA writable_schema = RESET;
