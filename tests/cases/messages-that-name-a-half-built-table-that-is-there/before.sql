-- A migration died and left the table that it had begun to build; the message names that one, and it has no rows.
-- Expected: the rows of the real table are named, and the scan tells of the unfinished migration.
CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);
INSERT INTO users VALUES (1, NULL), (2, 'a'), (3, 'a');
CREATE TABLE new__users (id INTEGER PRIMARY KEY, email TEXT NOT NULL UNIQUE);
