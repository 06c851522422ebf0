-- All of this is kept: expressions that are NULL, true by a number other than 1, or of a table that is empty.
-- Expected: nothing is found.
CREATE TABLE item (
  id INTEGER PRIMARY KEY, price INTEGER CHECK (price), note TEXT CHECK (length(note) < 4), twin TEXT, CHECK (note = twin)
);
CREATE TABLE empty (a CHECK (0));
INSERT INTO item VALUES (1, 5, 'abc', 'abc'), (2, -1, NULL, 'x'), (3, NULL, 'ab', NULL);
