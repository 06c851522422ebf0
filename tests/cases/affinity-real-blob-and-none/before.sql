-- REAL: 1 finds 1.0. BLOB: bytes are never a text. No type: nothing is converted, so '1' is not 1.
-- Expected: of_real: 1 and '1.0' are sound, 1.5 is an orphan. of_blob: x'ff' is sound, x'fe' is an orphan. of_any: 1
-- and 'one' are sound, 'two' is an orphan. Each orphan's key becomes NULL.
CREATE TABLE real_parents (k REAL PRIMARY KEY);
CREATE TABLE blob_parents (k BLOB PRIMARY KEY);
CREATE TABLE any_parents (k PRIMARY KEY);
CREATE TABLE of_real (id INTEGER PRIMARY KEY, k REFERENCES real_parents (k));
CREATE TABLE of_blob (id INTEGER PRIMARY KEY, k BLOB REFERENCES blob_parents (k));
CREATE TABLE of_any (id INTEGER PRIMARY KEY, k REFERENCES any_parents (k));
INSERT INTO real_parents VALUES (1), (2);
INSERT INTO blob_parents VALUES (x'ff');
INSERT INTO any_parents VALUES (1), ('one');
INSERT INTO of_real VALUES (1, 1), (2, '1.0'), (3, 1.5);
INSERT INTO of_blob VALUES (1, x'ff'), (2, x'fe');
INSERT INTO of_any VALUES (1, 1), (2, 'one'), (3, 'two');
