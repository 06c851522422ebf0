-- Lines refer to orders by a code that nothing makes unique, so SQLite cannot use that key. Order 2 is an orphan.
-- Expected: lines.order_code is reported and not checked. orders: 1 orphan, left: lines may refer to it, and nobody can
-- check that before the key is mended.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, code TEXT, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_code TEXT REFERENCES orders (code));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 'a', 1), (2, 'b', 9);
INSERT INTO lines VALUES (1, 'a'), (2, 'b');
