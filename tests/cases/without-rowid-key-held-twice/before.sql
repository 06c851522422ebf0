-- A table WITHOUT ROWID holds one primary key twice, as a damaged file does; quick_check says ok.
-- integrity: skip
-- Expected: duplicate-keys of (a, b), which says that the table itself is damaged. The orphan among the rows that refer
-- to it is held back, and nothing is repaired.
CREATE TABLE w (a TEXT, b INTEGER, c TEXT, d TEXT, PRIMARY KEY (a, b, c)) WITHOUT ROWID;
INSERT INTO w VALUES ('a', 1, 'x', '1'), ('a', 1, 'y', '2'), ('b', 1, 'x', '3');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE TABLE w (a TEXT, b INTEGER, c TEXT, d TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID'
  WHERE name = 'w';
PRAGMA writable_schema = RESET;
CREATE TABLE refs (id INTEGER PRIMARY KEY, a TEXT, b INTEGER, FOREIGN KEY (a, b) REFERENCES w);
INSERT INTO refs VALUES (1, 'a', 1), (2, 'b', 1), (3, 'c', 1);
