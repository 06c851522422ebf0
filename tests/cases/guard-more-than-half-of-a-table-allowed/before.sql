-- 51 of 100 orders would be deleted, and the user says that it is meant.
-- options: --allow-mass-delete
-- Expected: 51 are deleted, 49 stay.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
INSERT INTO customers VALUES (1);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO orders SELECT i, iif(i <= 49, 1, 7) FROM n;
