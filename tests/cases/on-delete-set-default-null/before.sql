-- ON DELETE SET DEFAULT where the default is NULL, written down or by not being written down.
-- Expected: 1 orphan in each relationship; ticket 2 and ticket 3 stay and the key concerned becomes NULL.
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER DEFAULT NULL REFERENCES users (id) ON DELETE SET DEFAULT,
  closer_id INTEGER REFERENCES users (id) ON DELETE SET DEFAULT
);
INSERT INTO users VALUES (2, 'Ann');
INSERT INTO tickets VALUES (1, 2, 2), (2, 7, 2), (3, 2, 8);
