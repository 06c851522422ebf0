-- Of the two key columns one is NOT NULL: emptying the other is enough to keep the row.
-- Expected: 1 orphan; seat 2 keeps its series and loses its number.
CREATE TABLE places (series TEXT, number INTEGER, PRIMARY KEY (series, number));
CREATE TABLE seats (
  id INTEGER PRIMARY KEY, s TEXT NOT NULL, n INTEGER, FOREIGN KEY (s, n) REFERENCES places (series, number)
);
INSERT INTO places VALUES ('x', 1);
INSERT INTO seats VALUES (1, 'x', 1), (2, 'x', 9);
