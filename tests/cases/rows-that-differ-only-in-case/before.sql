-- Rows that the key column takes for the same, and the primary key does not: by case, and by spaces at the end.
-- Expected: 2 orphans, ('a', 99) and ('b', 98), set to NULL; ('A', 1) and ('b ', 1) have their parent.
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE by_case (
  k TEXT COLLATE NOCASE, up INT REFERENCES parents, v, PRIMARY KEY (k COLLATE BINARY)
) WITHOUT ROWID;
CREATE TABLE by_spaces (
  k TEXT COLLATE RTRIM, n INT, up INT REFERENCES parents, v, PRIMARY KEY (n DESC, k COLLATE BINARY DESC)
) WITHOUT ROWID;
INSERT INTO parents VALUES (1);
INSERT INTO by_case VALUES ('a', 99, 'orphan'), ('A', 1, 'sound');
INSERT INTO by_spaces VALUES ('b', 1, 98, 'orphan'), ('b ', 1, 1, 'sound');
