-- The same, and the user says that it is meant.
-- options: --allow-mass-delete
-- Expected: the order is deleted and 60 lines with it; 40 lines stay.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE CASCADE);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO lines SELECT i, iif(i <= 60, 2, 1) FROM n;
