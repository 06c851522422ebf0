-- In LIKE 'sqlite_%' the underscore stands for any character, so that a table sqlite3_log is easily passed over.
-- Expected: 1 orphan in sqlite3_log, emptied. The statistics of ANALYZE stay as they are.
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT UNIQUE);
CREATE TABLE sqlite3_log (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO customers VALUES (1, 'Ann');
INSERT INTO sqlite3_log VALUES (1, 1), (2, 9);
ANALYZE;
