-- SQLite itself takes ' 12' for 12, but not with a no-break space, nor a blob of its digits.
-- Expected: children 2 and 3 are orphans that match but for their spelling: relinked. Child 4 is one that does not:
-- emptied.
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE children (id INTEGER PRIMARY KEY, p TEXT REFERENCES parents (id));
INSERT INTO parents VALUES (12), (13);
INSERT INTO children VALUES (1, ' 12'), (2, char(160) || '12'), (3, x'3132'), (4, char(160) || '99');
