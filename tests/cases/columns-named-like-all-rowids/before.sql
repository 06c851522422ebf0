-- All three names of the rowid are taken by columns, so that no statement can address a row of these tables.
-- Expected: 1 orphan in each of kept and deleted. No change of such a row could be recorded so that it can be taken back,
-- so both are left with that reason.
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE kept (rowid, _rowid_, oid, parent_id INTEGER REFERENCES parents (id));
CREATE TABLE deleted (rowid, _rowid_, oid, parent_id INTEGER NOT NULL REFERENCES parents (id));
INSERT INTO parents VALUES (1);
INSERT INTO kept VALUES (1, 1, 1, 1), (1, 1, 1, 9);
INSERT INTO deleted VALUES (1, 1, 1, 1), (1, 1, 1, 9);
