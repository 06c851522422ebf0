-- A NULL is stored in a column that is declared NOT NULL, as happens where the declaration was edited by hand. SQLite's
-- optimiser takes `IS NOT NULL` for true there, and the row looks like an orphan.
-- Expected: 1 orphan (order 3), which is deleted. Order 2, with the NULL, has no key and is not touched. The backup and
-- the repair go ahead although integrity_check complains of the NULL.
-- integrity: NULL value in orders.customer_id
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, NULL), (3, 9);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'customer_id INTEGER', 'customer_id INTEGER NOT NULL') WHERE name = 'orders';
PRAGMA writable_schema = RESET;
