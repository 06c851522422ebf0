-- The same, and the user says that it is meant.
-- options: --allow-mass-delete
-- Expected: the keys of all three orders become NULL.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO orders VALUES (1, 1), (2, 2), (3, 0);
