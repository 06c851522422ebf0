-- The parent's key is UNIQUE but may be NULL, and is: NOT IN would find no orphan at all then.
-- Expected: 1 orphan ('gone'), emptied. A NULL in the child has nothing to do with the NULL in the parent.
CREATE TABLE parents (id INTEGER PRIMARY KEY, code TEXT UNIQUE);
CREATE TABLE children (id INTEGER PRIMARY KEY, code TEXT REFERENCES parents (code));
INSERT INTO parents VALUES (1, 'a'), (2, NULL), (3, NULL);
INSERT INTO children VALUES (1, 'a'), (2, 'gone'), (3, NULL);
