-- REFERENCES without columns means the primary key in the order of its declaration: (b, a), not the columns' (a, b).
-- Expected: child 1 is sound, because (1, 2) is (b 1, a 2); child 2 with (2, 1) is an orphan and goes.
CREATE TABLE parents (a INTEGER, b INTEGER, PRIMARY KEY (b, a));
CREATE TABLE children (
  id INTEGER PRIMARY KEY, x INTEGER NOT NULL, y INTEGER NOT NULL, FOREIGN KEY (x, y) REFERENCES parents
);
INSERT INTO parents (b, a) VALUES (1, 2);
INSERT INTO children VALUES (1, 1, 2), (2, 2, 1);
