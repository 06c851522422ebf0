-- A table that was made STRICT by an edit of its schema, with the rows of before.
-- Expected: errors, and the UPDATE for those values that say the same in the declared type.
-- needs: sqlite 3.37
-- integrity: skip
CREATE TABLE t (id INTEGER PRIMARY KEY, n, r, s, b, a);
INSERT INTO t VALUES (1, 1, 1.5, 'x', x'00', 'anything'), (2, NULL, NULL, NULL, NULL, NULL), (3, 7, 8, 'y', x'', 1.5);
INSERT INTO t VALUES (4, '12', '1.5', 12, 'text', x'01'), (5, 'twelve', 'x', 1.5, 1, 2), (6, 1.0, x'31', x'31', 1.5, 3);
INSERT INTO t VALUES (7, 1.5, 1, 'z', x'7a', NULL), (8, x'31', 2, '', NULL, '');
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = 'CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER, r REAL, s TEXT, b BLOB, a ANY) STRICT';
PRAGMA writable_schema = RESET;
