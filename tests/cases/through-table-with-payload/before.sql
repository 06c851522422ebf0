-- A through table that says when and as what somebody joined: its keys may not be NULL.
-- Expected: a join table that carries data; membership 2 is deleted, and the script says that data goes with it.
CREATE TABLE people (id INTEGER PRIMARY KEY);
CREATE TABLE groups (id INTEGER PRIMARY KEY);
CREATE TABLE membership (
  id INTEGER PRIMARY KEY, person_id INTEGER NOT NULL REFERENCES people (id),
  group_id INTEGER NOT NULL REFERENCES groups (id), joined TEXT NOT NULL, role TEXT,
  UNIQUE (person_id, group_id)
);
INSERT INTO people VALUES (1), (2);
INSERT INTO groups VALUES (1);
INSERT INTO membership VALUES (1, 1, 1, '2020-01-01', 'chair'), (2, 2, 4, '2021-05-05', 'member');
