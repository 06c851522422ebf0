-- By an old quirk, INTEGER PRIMARY KEY DESC is no alias of the rowid: it has an index of its own, and may hold NULL.
-- Expected: 1 orphan (9), emptied; the child that refers to 5 is sound although no rowid is 5; null-in-primary-key for parents.
CREATE TABLE parents (id INTEGER PRIMARY KEY DESC, name TEXT);
CREATE TABLE children (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parents (id));
INSERT INTO parents VALUES (5, 'five'), (NULL, 'none');
INSERT INTO children VALUES (1, 5), (2, 9);
