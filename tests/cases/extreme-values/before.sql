-- Keys at the ends of what SQLite stores: 64-bit numbers, infinity, an embedded NUL, text that is not UTF-8.
-- Expected: of each kind one key is sound and one is an orphan: 6 orphans in keys, all emptied; the payload of every row
-- stays byte for byte.
CREATE TABLE parents (k PRIMARY KEY);
CREATE TABLE children (id INTEGER PRIMARY KEY, k REFERENCES parents (k), payload);
INSERT INTO parents VALUES
  (9223372036854775807), (9e999), (CAST(x'610062' AS TEXT)), (CAST(x'ff41' AS TEXT)), (1.5), (x'00');
INSERT INTO children VALUES
  (1, 9223372036854775807, -9223372036854775808), (2, -9223372036854775808, 9223372036854775807),
  (3, 9e999, -9e999), (4, -9e999, 9e999),
  (5, CAST(x'610062' AS TEXT), CAST(x'6100' AS TEXT)), (6, CAST(x'610063' AS TEXT), CAST(x'00' AS TEXT)),
  (7, CAST(x'ff41' AS TEXT), CAST(x'fe' AS TEXT)), (8, CAST(x'ff42' AS TEXT), x'fe'),
  (9, 1.5, 0.1), (10, 2.5, 1e300),
  (11, x'00', x''), (12, x'0001', '');
