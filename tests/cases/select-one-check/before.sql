-- Only one check is in scope: the placeholders, which lose nothing.
-- options: --select placeholder-values
-- Expected: order 2 (0) becomes NULL, order 3 (9) is not mentioned and not touched.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 0), (3, 9);
