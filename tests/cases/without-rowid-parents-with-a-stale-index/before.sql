-- The unique index of a table WITHOUT ROWID was not kept for a while, and lacks three of its rows.
-- repairs: 2
-- Expected: index-disagrees for refs 2 and 3, whose parents stand in the table; 1 orphan, refs 4. The first repair is
-- REINDEX, the second deletes refs 4, and no other row.
PRAGMA foreign_keys = OFF;
CREATE TABLE members (
  intent_id TEXT NOT NULL, ord INTEGER NOT NULL, fact TEXT NOT NULL, PRIMARY KEY (intent_id, ord)
) WITHOUT ROWID;
CREATE UNIQUE INDEX members_fact ON members (intent_id, fact);
CREATE TABLE refs (
  id INTEGER PRIMARY KEY, intent_id TEXT NOT NULL, fact TEXT NOT NULL, note TEXT,
  FOREIGN KEY (intent_id, fact) REFERENCES members (intent_id, fact)
);
INSERT INTO members VALUES ('a', 1, 'f1'), ('a', 2, 'f2');
CREATE TABLE keep AS SELECT * FROM sqlite_master WHERE name = 'members_fact';
PRAGMA writable_schema = ON;
DELETE FROM sqlite_master WHERE name = 'members_fact';
PRAGMA writable_schema = RESET;
INSERT INTO members VALUES ('b', 1, 'f1'), ('b', 2, 'f3'), ('b', 3, 'f4');
PRAGMA writable_schema = ON;
INSERT INTO sqlite_master SELECT * FROM keep;
PRAGMA writable_schema = RESET;
DROP TABLE keep;
INSERT INTO refs VALUES (1, 'a', 'f1', 'ok'), (2, 'b', 'f3', 'has its parent'), (3, 'b', 'f1', 'has its parent'),
  (4, 'c', 'f9', 'a real orphan');
