-- The table says of its own uniqueness ON CONFLICT REPLACE: a change that collides deletes the row that is in the way.
-- Expected: 1 orphan. Setting it to the default 1 would silently delete desk 1, which is sound: so it is left.
CREATE TABLE people (id INTEGER PRIMARY KEY);
CREATE TABLE desks (
  id INTEGER PRIMARY KEY,
  person_id INTEGER DEFAULT 1 UNIQUE ON CONFLICT REPLACE REFERENCES people (id) ON DELETE SET DEFAULT
);
INSERT INTO people VALUES (1), (2);
INSERT INTO desks VALUES (1, 1), (2, 2), (3, 9);
