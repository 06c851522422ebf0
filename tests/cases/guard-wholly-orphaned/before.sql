-- Ten orders and not one of them has its customer, although there are customers: as if their keys had been rewritten.
-- Nine notes in the same state are too few to say.
-- Expected: orders: 10 orphans, held back. notes: 9 orphans, deleted.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
INSERT INTO customers VALUES (1001), (1002);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) INSERT INTO orders SELECT i, i FROM n;
INSERT INTO notes SELECT id, customer_id FROM orders WHERE id < 10;
