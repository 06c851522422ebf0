-- A chain of five tables; only the second has an orphan to begin with.
-- Expected: 1 orphan (b 2). c 2, d 2 and e 2 lose their parents one after the other and go as well, each table in a
-- step of its own: 4 rows in all. The chain of the 1s stays.
CREATE TABLE a (id INTEGER PRIMARY KEY);
CREATE TABLE e (id INTEGER PRIMARY KEY, d_id INTEGER NOT NULL REFERENCES d (id));
CREATE TABLE d (id INTEGER PRIMARY KEY, c_id INTEGER NOT NULL REFERENCES c (id));
CREATE TABLE c (id INTEGER PRIMARY KEY, b_id INTEGER NOT NULL REFERENCES b (id));
CREATE TABLE b (id INTEGER PRIMARY KEY, a_id INTEGER NOT NULL REFERENCES a (id));
INSERT INTO a VALUES (1);
INSERT INTO b VALUES (1, 1), (2, 9);
INSERT INTO c VALUES (1, 1), (2, 2);
INSERT INTO d VALUES (1, 1), (2, 2);
INSERT INTO e VALUES (1, 1), (2, 2);
