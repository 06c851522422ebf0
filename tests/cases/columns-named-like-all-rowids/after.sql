-- "beneath": 1 rows
INSERT INTO beneath (id, twice_oid) VALUES (2, 6);
-- "deleted": 1 rows
INSERT INTO deleted (rowid, _rowid_, oid, parent_id) VALUES (1, 1, 1, 1);
-- "kept": 2 rows
INSERT INTO kept (rowid, _rowid_, oid, parent_id) VALUES (1, 1, 1, NULL);
INSERT INTO kept (rowid, _rowid_, oid, parent_id) VALUES (1, 1, 1, 1);
-- "parents": 1 rows
INSERT INTO parents (id) VALUES (1);
-- "tree": 3 rows
INSERT INTO tree (rowid, _rowid_, oid) VALUES (1, 1, 1);
INSERT INTO tree (rowid, _rowid_, oid) VALUES (2, 1, 2);
INSERT INTO tree (rowid, _rowid_, oid) VALUES (3, 8, 3);
-- "twice": 1 rows
INSERT INTO twice (rowid, _rowid_, oid, parent_id) VALUES ('1', NULL, 6, 1);
