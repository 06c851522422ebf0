-- Two orders name customer 9, who is gone. The key may not be NULL and the schema names no action.
-- Expected: 2 orphans, 1 missing key (shown once); both orders are deleted, the other order and all customers stay.
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id), total REAL);
INSERT INTO customers VALUES (1, 'Ann'), (2, 'Ben');
INSERT INTO orders VALUES (1, 1, 9.5), (2, 9, 20.0), (3, 9, 7.25);
