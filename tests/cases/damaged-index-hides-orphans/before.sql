-- The index lacks parent 'b' and still has 'c', which was deleted while the index was not kept in step.
-- repairs: 2
-- Expected: index-disagrees for child 2; child 3 does not show, since the index finds 'c'. The first repair is REINDEX
-- and says that 1 orphan has come to light; the second empties child 3.
CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT);
CREATE TABLE children (id INTEGER PRIMARY KEY, code TEXT REFERENCES parents (code));
CREATE UNIQUE INDEX parents_code ON parents (code);
INSERT INTO parents VALUES (1, 'a'), (3, 'c');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX parents_code ON parents (code) WHERE 0' WHERE name = 'parents_code';
PRAGMA writable_schema = RESET;
INSERT INTO parents VALUES (2, 'b');
DELETE FROM parents WHERE id = 3;
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX parents_code ON parents (code)' WHERE name = 'parents_code';
PRAGMA writable_schema = RESET;
INSERT INTO children VALUES (1, 'a'), (2, 'b'), (3, 'c');
