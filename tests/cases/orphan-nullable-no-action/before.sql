-- The same, but the key may be NULL.
-- Expected: the two orders are kept and their key becomes NULL; the order that had a NULL already is no orphan.
CREATE TABLE customers (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), total REAL);
INSERT INTO customers VALUES (1, 'Ann'), (2, 'Ben');
INSERT INTO orders VALUES (1, 1, 9.5), (2, 9, 20.0), (3, 8, 7.25), (4, NULL, 1.0);
