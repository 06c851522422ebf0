-- A trigger writes OR REPLACE, and a column that the repair does not write is UNIQUE ON CONFLICT IGNORE. An OR ABORT of
-- the repair's own UPDATE would overrule what the trigger says, and nothing calls for one.
-- Expected: both orphans are set to NULL, and the trigger does as it does for the application.
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(id INTEGER PRIMARY KEY, p INT REFERENCES p, code TEXT UNIQUE ON CONFLICT IGNORE);
CREATE TABLE last(k TEXT PRIMARY KEY, v);
CREATE TRIGGER t AFTER UPDATE ON c BEGIN INSERT OR REPLACE INTO last VALUES('c',new.id); END;
INSERT INTO p VALUES(1); INSERT INTO c VALUES(1,9,'a'),(2,9,'b'),(3,1,'c');
