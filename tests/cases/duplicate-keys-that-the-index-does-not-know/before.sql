-- The index of a UNIQUE pair lacks rows, and among them are duplicates, as an index leaves them that missed some writes.
-- Expected: duplicate-keys, 2 groups of 5 rows in all (1, 3 and 4; 2 and 5), found in the table itself; they differ in
-- nothing else. Rows with a NULL in the pair are none. Nothing is repaired, and it is listed as left; exit code 1.
-- integrity: skip
CREATE TABLE seats (id INTEGER PRIMARY KEY, place TEXT, row INTEGER, note TEXT);
CREATE UNIQUE INDEX seats_place ON seats (place, row) WHERE id < 3;
INSERT INTO seats VALUES (1, 'A', 1, 'x'), (2, 'A', 2, NULL), (3, 'A', 1, 'x'), (4, 'A', 1, 'x'), (5, 'A', 2, NULL);
INSERT INTO seats VALUES (6, 'A', NULL, 'x'), (7, 'A', NULL, 'x'), (8, 'a', 1, 'x');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = 'CREATE UNIQUE INDEX seats_place ON seats (place, row)' WHERE name = 'seats_place';
PRAGMA writable_schema = RESET;
