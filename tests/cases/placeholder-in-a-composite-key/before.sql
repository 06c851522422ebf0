-- Part of a composite key is 0. In places the part number 0 is common; the floor 0 is in no parent row.
-- Expected: seat 2 (floor 0) is a placeholder; seat 3 (number 0, a value that parents have) is an orphan. Both become
-- NULL in both columns, as no other key needs them.
CREATE TABLE places (floor INTEGER, number INTEGER, PRIMARY KEY (floor, number));
CREATE TABLE seats (
  id INTEGER PRIMARY KEY, floor INTEGER, number INTEGER, FOREIGN KEY (floor, number) REFERENCES places (floor, number)
);
INSERT INTO places VALUES (1, 0), (1, 1), (2, 1);
INSERT INTO seats VALUES (1, 1, 0), (2, 0, 1), (3, 2, 0);
