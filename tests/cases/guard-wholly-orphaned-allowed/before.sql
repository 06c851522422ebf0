-- The same ten orders, and the user says that it is meant.
-- options: --allow-mass-delete
-- Expected: all ten are deleted.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
INSERT INTO customers VALUES (1001), (1002);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10) INSERT INTO orders SELECT i, i FROM n;
