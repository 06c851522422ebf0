-- One column of the key is computed, the other can be emptied.
-- Expected: 1 orphan; its number becomes NULL and the row stays.
CREATE TABLE places (s TEXT, n INTEGER, PRIMARY KEY (s, n));
CREATE TABLE seats (
  id INTEGER PRIMARY KEY, label TEXT, s TEXT AS (substr(label, 1, 1)) VIRTUAL, n INTEGER,
  FOREIGN KEY (s, n) REFERENCES places (s, n)
);
INSERT INTO places VALUES ('x', 1);
INSERT INTO seats (id, label, n) VALUES (1, 'x-1', 1), (2, 'x-9', 9);
