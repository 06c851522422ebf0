-- Columns are called rowid and _rowid_, so that these names do not mean the row's own number.
-- Expected: nodes: 1 orphan by the column rowid, which is the parent's key; the row goes with the one beneath it, and
-- the step addresses rows by oid. Rows 1 and 2 stay.
CREATE TABLE nodes (rowid TEXT UNIQUE, _rowid_ TEXT NOT NULL REFERENCES nodes (rowid));
INSERT INTO nodes VALUES ('a', 'a'), ('b', 'a'), ('c', 'gone'), ('d', 'c');
