-- A tree within each site: the key is of two columns, with a collation, and without rowid.
-- Expected: cycles, 2 rows (in site 2: a and b, which refer to each other by other letter cases); none in site 1, whose
-- rows have the same codes. A repair has nothing to do with it.
CREATE TABLE units (
  site INTEGER NOT NULL, code TEXT COLLATE NOCASE NOT NULL, up TEXT,
  PRIMARY KEY (site, code), FOREIGN KEY (site, up) REFERENCES units (site, code)
) WITHOUT ROWID;
INSERT INTO units VALUES (1, 'a', NULL), (1, 'b', 'a'), (1, 'c', 'b'), (2, 'a', 'B'), (2, 'b', 'A'), (2, 'c', 'b');
