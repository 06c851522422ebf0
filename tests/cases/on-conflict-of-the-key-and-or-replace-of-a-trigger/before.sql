-- The key that has to be written is part of a UNIQUE with ON CONFLICT REPLACE, which could delete sound rows, and the
-- table's trigger writes OR REPLACE: what keeps the table from the one keeps the trigger from the other.
-- Expected: the orphans are left, with that reason, and no row of either table changes.
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(id INTEGER PRIMARY KEY, p INT DEFAULT 1 REFERENCES p ON DELETE SET DEFAULT, n INT,
  UNIQUE (n, p) ON CONFLICT REPLACE);
CREATE TABLE last(k TEXT PRIMARY KEY, v);
CREATE TRIGGER t AFTER UPDATE ON c BEGIN INSERT OR REPLACE INTO last VALUES('c',new.id); END;
INSERT INTO p VALUES(1); INSERT INTO c VALUES(1,9,1),(2,9,2),(3,1,3);
INSERT INTO last VALUES('c', 3);
