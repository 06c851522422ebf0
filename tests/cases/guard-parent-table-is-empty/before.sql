-- The table of customers has lost all of its rows: it is hardly the orders that are wrong.
-- Expected: 2 orphans, held back with that reason; the placeholder among them still becomes NULL.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO orders VALUES (1, 1), (2, 2), (3, 0);
