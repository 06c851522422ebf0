-- b.code refers to a and is itself what c refers to. Emptying the orphan in b would take c's parent away.
-- Expected: 1 orphan (b 2), held back, because on a copy c 2 lost its parent; c 2 stays sound.
CREATE TABLE a (code TEXT PRIMARY KEY);
CREATE TABLE b (id INTEGER PRIMARY KEY, code TEXT UNIQUE REFERENCES a (code));
CREATE TABLE c (id INTEGER PRIMARY KEY, code TEXT REFERENCES b (code));
INSERT INTO a VALUES ('x');
INSERT INTO b VALUES (1, 'x'), (2, 'gone');
INSERT INTO c VALUES (1, 'x'), (2, 'gone');
