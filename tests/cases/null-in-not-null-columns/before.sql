-- NULL in columns that were declared NOT NULL by an edit of the schema, in an ordinary table and in a WITHOUT ROWID one.
-- Expected: the rows, and the DEFAULT where there is one.
-- integrity: skip
CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT, age INTEGER DEFAULT 18, seen TEXT, name TEXT);
INSERT INTO person VALUES (1, 'a@b', 1, 's', 'n'), (2, NULL, NULL, NULL, NULL), (3, NULL, 3, NULL, NULL);
CREATE TABLE pair (a TEXT, b TEXT, c TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO pair VALUES ('a', 'b', NULL);
PRAGMA writable_schema = ON;
UPDATE sqlite_master SET sql = 'CREATE TABLE person (id INTEGER PRIMARY KEY, email TEXT NOT NULL,
  age INTEGER NOT NULL DEFAULT 18, seen TEXT NOT NULL DEFAULT (datetime(''now'')), name TEXT)' WHERE name = 'person';
UPDATE sqlite_master SET sql = replace(sql, 'c TEXT', 'c TEXT NOT NULL') WHERE name = 'pair';
PRAGMA writable_schema = RESET;
