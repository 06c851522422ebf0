-- With a NULL in any of its columns a key promises nothing (MATCH SIMPLE, also where MATCH FULL is written).
-- Expected: 1 orphan, seat 4 with both parts; both of its parts may be NULL and become NULL. Seats 2 and 3 stay as
-- they are.
CREATE TABLE places (series TEXT, number INTEGER, PRIMARY KEY (series, number));
CREATE TABLE seats (
  id INTEGER PRIMARY KEY, s TEXT, n INTEGER, FOREIGN KEY (s, n) REFERENCES places (series, number) MATCH FULL
);
INSERT INTO places VALUES ('x', 1);
INSERT INTO seats VALUES (1, 'x', 1), (2, 'q', NULL), (3, NULL, 9), (4, 'q', 9);
