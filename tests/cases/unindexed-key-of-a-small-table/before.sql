-- Foreign keys without an index, in tables too small for it to matter.
-- Expected: nothing is found, exit code 0; nothing to repair.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, NULL);
