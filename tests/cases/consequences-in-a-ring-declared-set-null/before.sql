-- Two tables refer to one another, both ON DELETE SET NULL, and both have an orphan that the user wants deleted.
-- options: --on-orphan delete
-- Expected: team 2 and person 2 are deleted (they have no lead, no team); team 3 and person 3 lose theirs by it, and are
-- emptied. Which is which is written down before the first delete.
CREATE TABLE teams (id INTEGER PRIMARY KEY, lead_id INTEGER REFERENCES people (id) ON DELETE SET NULL);
CREATE TABLE people (id INTEGER PRIMARY KEY, team_id INTEGER REFERENCES teams (id) ON DELETE SET NULL);
INSERT INTO teams VALUES (1, 1), (2, 99), (3, 2);
INSERT INTO people VALUES (1, 1), (2, 98), (3, 2);
