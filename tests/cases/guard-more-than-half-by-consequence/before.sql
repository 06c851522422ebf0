-- One order is an orphan, and 60 of the 100 lines hang on it.
-- Expected: 1 orphan. Deleting it would take 60 of 100 lines: so neither it nor they are deleted, and it is left.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO lines SELECT i, iif(i <= 60, 2, 1) FROM n;
