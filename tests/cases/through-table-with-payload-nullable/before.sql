-- A through table with payload whose keys may be NULL: deleting the row would lose the payload for nothing.
-- Expected: a join table that carries data; membership 2 is kept and its group becomes NULL.
CREATE TABLE people (id INTEGER PRIMARY KEY);
CREATE TABLE groups (id INTEGER PRIMARY KEY);
CREATE TABLE membership (
  id INTEGER PRIMARY KEY, person_id INTEGER REFERENCES people (id),
  group_id INTEGER REFERENCES groups (id), joined TEXT NOT NULL, UNIQUE (person_id, group_id)
);
INSERT INTO people VALUES (1), (2);
INSERT INTO groups VALUES (1);
INSERT INTO membership VALUES (1, 1, 1, '2020-01-01'), (2, 2, 4, '2021-05-05');
