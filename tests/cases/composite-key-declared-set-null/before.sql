-- ON DELETE SET NULL empties all columns of a composite key, as SQLite itself does; it cannot where one is NOT NULL.
-- Expected: seats: 1 orphan, both columns become NULL. stands: 1 orphan, left, because s is NOT NULL.
CREATE TABLE places (series TEXT, number INTEGER, PRIMARY KEY (series, number));
CREATE TABLE seats (
  id INTEGER PRIMARY KEY, s TEXT, n INTEGER,
  FOREIGN KEY (s, n) REFERENCES places (series, number) ON DELETE SET NULL
);
CREATE TABLE stands (
  id INTEGER PRIMARY KEY, s TEXT NOT NULL, n INTEGER,
  FOREIGN KEY (s, n) REFERENCES places (series, number) ON DELETE SET NULL
);
INSERT INTO places VALUES ('x', 1);
INSERT INTO seats VALUES (1, 'x', 1), (2, 'x', 9);
INSERT INTO stands VALUES (1, 'x', 1), (2, 'x', 9);
