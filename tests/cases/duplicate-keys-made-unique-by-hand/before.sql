-- A plain index was made unique in the schema's own text, over rows that were not: integrity_check alone sees it.
-- Expected: duplicate-keys, 1 group of 2 rows (members 1 and 4, whose emails differ in case only: the index is NOCASE);
-- they differ in name. The two without an email are none. Nothing is repaired, and it is listed as left; exit code 1.
-- integrity: non-unique entry in index members_email
CREATE TABLE members (id INTEGER PRIMARY KEY, email TEXT, name TEXT, town TEXT);
INSERT INTO members VALUES
  (1, 'ann@example.org', 'Ann', 'Ulm'), (2, 'ben@example.org', 'Ben', 'Ulm'), (3, NULL, 'Cid', 'Bonn'),
  (4, 'ANN@example.org', 'Anna', 'Ulm'), (5, NULL, 'Dan', 'Bonn');
CREATE INDEX members_email ON members (email COLLATE NOCASE);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'CREATE INDEX', 'CREATE UNIQUE INDEX') WHERE name = 'members_email';
PRAGMA writable_schema = RESET;
