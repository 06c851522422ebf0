-- A table WITHOUT ROWID has four rows and an index that is empty, by which SQLite looks parents up and counts the rows.
-- options: --allow-mass-delete
-- repairs: 2
-- Expected: index-disagrees for refs 1 and 2, 1 orphan, refs 3; the table is not said to be empty. The first repair is
-- REINDEX, the second empties the key of refs 3, and of no other row.
CREATE TABLE members (a TEXT NOT NULL, ord INTEGER NOT NULL, fact TEXT NOT NULL, PRIMARY KEY (a, ord)) WITHOUT ROWID;
CREATE UNIQUE INDEX members_fact ON members (a, fact) WHERE 0;
CREATE TABLE refs (id INTEGER PRIMARY KEY, a TEXT, fact TEXT, FOREIGN KEY (a, fact) REFERENCES members (a, fact));
INSERT INTO members VALUES ('a', 1, 'f1'), ('a', 2, 'f2'), ('b', 1, 'f1'), ('b', 2, 'f3');
INSERT INTO refs VALUES (1, 'a', 'f1'), (2, 'b', 'f3'), (3, 'c', 'f9');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX members_fact ON members (a, fact)' WHERE name = 'members_fact';
PRAGMA writable_schema = RESET;
