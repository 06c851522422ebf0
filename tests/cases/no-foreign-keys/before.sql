-- A database without a single foreign key has nothing to promise.
-- Expected: exit code 0, no relationship, nothing to repair.
CREATE TABLE notes (id INTEGER PRIMARY KEY, author_id INTEGER);
INSERT INTO notes VALUES (1, 9);
