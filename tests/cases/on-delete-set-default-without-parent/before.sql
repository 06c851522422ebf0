-- ON DELETE SET DEFAULT, but there is no user 99, which is the default.
-- Expected: 1 orphan, left with the reason that the default has no parent; nothing is changed.
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER DEFAULT 99 REFERENCES users (id) ON DELETE SET DEFAULT
);
INSERT INTO users VALUES (2, 'Ann');
INSERT INTO tickets VALUES (1, 2), (2, 7);
