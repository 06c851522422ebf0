-- The key names the parent's columns in another order than the primary key does.
-- Expected: 1 orphan: (2, 'x') is there as (number 2, series 'x'), but (1, 'y') is not; seat 3 is deleted.
CREATE TABLE places (series TEXT, number INTEGER, PRIMARY KEY (series, number));
CREATE TABLE seats (
  id INTEGER PRIMARY KEY, n INTEGER NOT NULL, s TEXT NOT NULL,
  FOREIGN KEY (n, s) REFERENCES places (number, series)
);
INSERT INTO places VALUES ('x', 1), ('x', 2), ('y', 2);
INSERT INTO seats VALUES (1, 1, 'x'), (2, 2, 'x'), (3, 1, 'y');
