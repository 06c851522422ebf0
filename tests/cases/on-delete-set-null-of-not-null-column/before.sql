-- ON DELETE SET NULL on a column that is NOT NULL cannot be carried out, and SQLite would refuse the parent's delete.
-- Expected: 1 orphan, no fix: it is left with that reason, nothing is changed, exit code 1. The contradiction is a fault
-- of the schema for itself, with orphans or without.
CREATE TABLE authors (id INTEGER PRIMARY KEY);
CREATE TABLE books (
  id INTEGER PRIMARY KEY, title TEXT,
  author_id INTEGER NOT NULL REFERENCES authors (id) ON DELETE SET NULL
);
INSERT INTO authors VALUES (1);
INSERT INTO books VALUES (1, 'one', 1), (2, 'two', 5);
