-- Nothing is broken: links that hold, NULLs, and a row that refers to itself.
-- Expected: exit code 0, 2 of 2 relationships checked without an orphan; nothing to repair, no backup.
CREATE TABLE people (id INTEGER PRIMARY KEY, boss_id INTEGER NOT NULL REFERENCES people (id));
CREATE TABLE cars (id INTEGER PRIMARY KEY, owner_id INTEGER REFERENCES people);
INSERT INTO people VALUES (1, 1), (2, 1);
INSERT INTO cars VALUES (1, 1), (2, NULL);
