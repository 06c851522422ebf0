-- ON DELETE SET DEFAULT of a key of two columns, with a default each; in stands the pair of defaults has no parent.
-- Expected: seats: 1 orphan, set to ('x', 1). stands: 1 orphan, left, because there is no ('y', 1).
CREATE TABLE places (s TEXT, n INTEGER, PRIMARY KEY (s, n));
CREATE TABLE seats (
  id INTEGER PRIMARY KEY, s TEXT DEFAULT 'x', n INTEGER DEFAULT 1,
  FOREIGN KEY (s, n) REFERENCES places (s, n) ON DELETE SET DEFAULT
);
CREATE TABLE stands (
  id INTEGER PRIMARY KEY, s TEXT DEFAULT 'y', n INTEGER DEFAULT 1,
  FOREIGN KEY (s, n) REFERENCES places (s, n) ON DELETE SET DEFAULT
);
INSERT INTO places VALUES ('x', 1), ('y', 2);
INSERT INTO seats VALUES (1, 'y', 2), (2, 'z', 3);
INSERT INTO stands VALUES (1, 'y', 2), (2, 'z', 3);
