-- Both orphans would go to person 3, and a desk has one person only.
-- options: --set desks.person_id=update:3
-- Expected: 2 orphans, left with SQLite's reason; nothing is changed.
CREATE TABLE people (id INTEGER PRIMARY KEY);
CREATE TABLE desks (id INTEGER PRIMARY KEY, person_id INTEGER UNIQUE REFERENCES people (id));
INSERT INTO people VALUES (1), (3);
INSERT INTO desks VALUES (1, 1), (2, 8), (3, 9);
