-- The key itself is UNIQUE ON CONFLICT REPLACE, but NULLs collide with nothing; the trigger's own OR REPLACE is obeyed.
-- A computed column with such a clause may collide all the same: two rows of d would have the same one.
-- Expected: the orphans of c are set to NULL; those of d are left, and no row goes.
-- needs: sqlite 3.35
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(id INTEGER PRIMARY KEY, p INT UNIQUE ON CONFLICT REPLACE REFERENCES p);
CREATE TABLE d(id INTEGER PRIMARY KEY, p INT REFERENCES p, q AS (ifnull(p, 0)) UNIQUE ON CONFLICT REPLACE);
CREATE TABLE last(k TEXT PRIMARY KEY, v);
CREATE TRIGGER t AFTER UPDATE ON c BEGIN INSERT OR REPLACE INTO last VALUES('c',new.id); END;
INSERT INTO p VALUES(1);
INSERT INTO c VALUES(1,8),(2,9),(3,1);
INSERT INTO d VALUES(1,8),(2,9),(3,1);
