-- The empty name is a name like any other: what refers to that table is a relationship, and no matter of one table.
-- Expected: b: 1 orphan, set to NULL. c: 1 orphan, deleted. a: 1 orphan, left, because its DEFAULT is NULL and p is NOT NULL,
-- which is a fault of the schema for itself.
CREATE TABLE "" (p INTEGER PRIMARY KEY, n TEXT);
INSERT INTO "" VALUES (1, 'there');
CREATE TABLE a (id INTEGER PRIMARY KEY, p INTEGER NOT NULL DEFAULT NULL REFERENCES "" ON DELETE SET DEFAULT);
INSERT INTO a VALUES (1, 1), (2, 7);
CREATE TABLE b (id INTEGER PRIMARY KEY, p INTEGER REFERENCES "");
INSERT INTO b VALUES (1, 1), (2, 7);
CREATE TABLE c (id INTEGER PRIMARY KEY, p INTEGER NOT NULL REFERENCES "" ON DELETE CASCADE);
INSERT INTO c VALUES (1, 1), (2, 7), (3, 1);
