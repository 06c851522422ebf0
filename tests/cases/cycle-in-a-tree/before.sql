-- A ring of three and a row that is its own parent, in a tree whose roots have NULL; rows hang beneath the ring.
-- Expected: cycles, 4 rows (3, 4, 5 and 9), a warning. Those beneath (6, 7) and the sound ones are none. A repair has
-- nothing to do with it.
CREATE TABLE folders (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES folders (id), name TEXT);
INSERT INTO folders VALUES
  (1, NULL, 'root'), (2, 1, 'a'), (3, 5, 'b'), (4, 3, 'c'), (5, 4, 'd'), (6, 4, 'e'), (7, 6, 'f'), (8, 2, 'g'),
  (9, 9, 'h'), (10, 12, 'i'), (12, 1, 'j');
