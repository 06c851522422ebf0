-- STRICT tables, one of them WITHOUT ROWID; an ANY column converts nothing.
-- needs: sqlite 3.37
-- Expected: a: 1 orphan, emptied. b: 1 orphan, deleted. c: the text '1' is not the number 1 of an ANY key, an orphan; it
-- would match but for its spelling, so it is relinked.
CREATE TABLE parents (id INTEGER PRIMARY KEY) STRICT;
CREATE TABLE any_parents (k ANY PRIMARY KEY) STRICT;
CREATE TABLE a (id INTEGER PRIMARY KEY, parent_id INT REFERENCES parents (id)) STRICT;
CREATE TABLE b (id TEXT PRIMARY KEY, parent_id INT NOT NULL REFERENCES parents (id)) STRICT, WITHOUT ROWID;
CREATE TABLE c (id INTEGER PRIMARY KEY, k ANY REFERENCES any_parents (k)) STRICT;
INSERT INTO parents VALUES (1);
INSERT INTO any_parents VALUES (1);
INSERT INTO a VALUES (1, 1), (2, 9);
INSERT INTO b VALUES ('x', 1), ('y', 9);
INSERT INTO c VALUES (1, 1), (2, '1');
