-- A trigger counts down in a table whose columns have all three names of the rowid: no statement can name its row.
-- Expected: one item is deleted, and the count goes down by one. Taken back, the count is what it was.
CREATE TABLE owners (id INTEGER PRIMARY KEY);
CREATE TABLE counts (rowid, _rowid_, oid, n);
CREATE TABLE items (id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owners);
INSERT INTO owners VALUES (1);
INSERT INTO items VALUES (1, 1), (2, 9);
INSERT INTO counts VALUES (1, 1, 1, 2);
CREATE TRIGGER items_out AFTER DELETE ON items BEGIN UPDATE counts SET n = n - 1; END;
