-- "deleted": 2 rows
INSERT INTO deleted (rowid, _rowid_, oid, parent_id) VALUES (1, 1, 1, 1);
INSERT INTO deleted (rowid, _rowid_, oid, parent_id) VALUES (1, 1, 1, 9);
-- "kept": 2 rows
INSERT INTO kept (rowid, _rowid_, oid, parent_id) VALUES (1, 1, 1, 1);
INSERT INTO kept (rowid, _rowid_, oid, parent_id) VALUES (1, 1, 1, 9);
-- "parents": 1 rows
INSERT INTO parents (id) VALUES (1);
