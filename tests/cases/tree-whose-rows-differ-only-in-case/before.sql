-- A WITHOUT ROWID table whose key column is NOCASE, but whose primary key tells 'a' from 'A'.
-- Expected: 1 orphan ('top'). It goes with 'a', which refers to it: 2 rows. 'A' is another row, has its parent, and stays.
CREATE TABLE nodes (
  k TEXT COLLATE NOCASE, up TEXT COLLATE BINARY NOT NULL REFERENCES nodes, v, PRIMARY KEY (k COLLATE BINARY)
) WITHOUT ROWID;
INSERT INTO nodes VALUES ('root', 'root', 'r'), ('top', 'gone', 't'), ('a', 'top', 'goes'), ('A', 'root', 'sound');
