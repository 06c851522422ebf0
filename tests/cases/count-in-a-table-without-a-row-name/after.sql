-- "counts": 1 rows
INSERT INTO counts (rowid, _rowid_, oid, n) VALUES (1, 1, 1, 1);
-- "items": 1 rows
INSERT INTO items (id, owner_id) VALUES (1, 1);
-- "owners": 1 rows
INSERT INTO owners (id) VALUES (1);
