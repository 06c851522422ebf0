-- All three names of the rowid are taken by columns, so that no statement can address a row of these tables.
-- Expected: 1 orphan in each of kept and deleted, emptied and deleted set by set like any other: what is true of one row
-- is true of all that have the same values. All three orphans of twice go, and one of them takes the row beneath it along.
-- Rows of tree refer to one another; they cannot be followed downwards, so its orphan is left with that reason.
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE kept (rowid, _rowid_, oid, parent_id INTEGER REFERENCES parents (id));
CREATE TABLE deleted (rowid, _rowid_, oid, parent_id INTEGER NOT NULL REFERENCES parents (id));
INSERT INTO parents VALUES (1);
INSERT INTO kept VALUES (1, 1, 1, 1), (1, 1, 1, 9);
INSERT INTO deleted VALUES (1, 1, 1, 1), (1, 1, 1, 9);
CREATE TABLE twice (rowid, _rowid_, oid UNIQUE, parent_id INTEGER NOT NULL REFERENCES parents (id));
CREATE TABLE beneath (id INTEGER PRIMARY KEY, twice_oid NOT NULL REFERENCES twice (oid));
CREATE TABLE tree (rowid, _rowid_ NOT NULL REFERENCES tree (oid), oid UNIQUE);
INSERT INTO twice VALUES (1, NULL, NULL, 9), (1, NULL, NULL, 9), (1, NULL, 5, 9), ('1', NULL, 6, 1);
INSERT INTO beneath VALUES (1, 5), (2, 6);
INSERT INTO tree VALUES (1, 1, 1), (2, 1, 2), (3, 8, 3);
