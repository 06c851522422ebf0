-- The index of a table WITHOUT ROWID has as many entries as there are rows, but one of them is of a row that is gone.
-- repairs: 2
-- Expected: refs 3 is an orphan, although SQLite's own check finds its parent in the index; refs 4 is none, although it
-- does not. The first repair is REINDEX, the second empties refs 3.
CREATE TABLE members (a TEXT PRIMARY KEY, code TEXT) WITHOUT ROWID;
CREATE UNIQUE INDEX members_code ON members (code);
CREATE TABLE refs (id INTEGER PRIMARY KEY, code TEXT REFERENCES members (code));
INSERT INTO members VALUES ('a', 'x1'), ('b', 'x2'), ('c', 'x3');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX members_code ON members (code) WHERE 0' WHERE name = 'members_code';
PRAGMA writable_schema = RESET;
UPDATE members SET code = 'x4' WHERE a = 'c';
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX members_code ON members (code)' WHERE name = 'members_code';
PRAGMA writable_schema = RESET;
INSERT INTO refs VALUES (1, 'x1'), (2, 'x2'), (3, 'x3'), (4, 'x4');
