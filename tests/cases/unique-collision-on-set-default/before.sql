-- The default is taken already, and the column is unique.
-- Expected: 1 orphan; setting it to 1 would collide with desk 1, so it is left with SQLite's reason.
CREATE TABLE people (id INTEGER PRIMARY KEY);
CREATE TABLE desks (
  id INTEGER PRIMARY KEY, person_id INTEGER UNIQUE DEFAULT 1 REFERENCES people (id) ON DELETE SET DEFAULT
);
INSERT INTO people VALUES (1), (2);
INSERT INTO desks VALUES (1, 1), (2, 2), (3, 9);
