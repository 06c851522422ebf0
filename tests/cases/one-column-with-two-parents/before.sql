-- owner_id has to be found in people and in companies as well.
-- Expected: people: 2 orphans (2 and 4). companies: 2 orphans (3 and 4). All three keys become NULL; thing 1 is in
-- both tables and stays. The second step changes 1 row only: 4 is mended by the first.
CREATE TABLE people (id INTEGER PRIMARY KEY);
CREATE TABLE companies (id INTEGER PRIMARY KEY);
CREATE TABLE things (
  id INTEGER PRIMARY KEY,
  owner_id INTEGER REFERENCES people (id) REFERENCES companies (id)
);
INSERT INTO people VALUES (1), (3);
INSERT INTO companies VALUES (1), (2);
INSERT INTO things VALUES (1, 1), (2, 2), (3, 3), (4, 4);
