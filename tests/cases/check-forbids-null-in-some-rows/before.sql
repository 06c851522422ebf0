-- A bookmark needs its place, a folder does not: a CHECK forbids NULL in one of the orphans and allows it in the other.
-- Expected: 2 orphans, left because SQLite refuses the change of one; neither is deleted, and nothing is changed.
CREATE TABLE places (id INTEGER PRIMARY KEY);
CREATE TABLE bookmarks (
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, place_id INTEGER REFERENCES places (id),
  CHECK (kind <> 1 OR place_id IS NOT NULL)
);
INSERT INTO places VALUES (1);
INSERT INTO bookmarks VALUES (1, 1, 1), (2, 1, 1), (3, 1, 9), (4, 2, 9);
