-- A virtual table of a module that only the application has stands beside; it was written into the catalogue.
-- Expected: it is not looked at. 1 orphan, emptied, after a backup as always.
-- integrity: skip
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
PRAGMA writable_schema = ON;
INSERT INTO sqlite_schema VALUES ('table', 'maps', 'maps', 0, 'CREATE VIRTUAL TABLE maps USING app_maps (x)');
PRAGMA writable_schema = RESET;
