-- 51 of 100 orders would be deleted; of the 100 notes exactly half.
-- Expected: orders: 51 orphans, held back. notes: 50 orphans, deleted: half is not more than half.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
INSERT INTO customers VALUES (1);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO orders SELECT i, iif(i <= 49, 1, 7) FROM n;
INSERT INTO notes SELECT id, iif(id <= 50, 1, 7) FROM orders;
