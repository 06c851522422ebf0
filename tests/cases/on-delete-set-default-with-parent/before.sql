-- ON DELETE SET DEFAULT, and the default is a row that exists.
-- Expected: 2 orphans; both tickets go to user 1, the column's default.
CREATE TABLE users (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE tickets (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER NOT NULL DEFAULT 1 REFERENCES users (id) ON DELETE SET DEFAULT
);
INSERT INTO users VALUES (1, 'nobody'), (2, 'Ann');
INSERT INTO tickets VALUES (1, 2), (2, 7), (3, 8);
