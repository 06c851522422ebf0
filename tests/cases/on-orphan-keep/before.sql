-- Keep everything, and let one relationship be treated by name.
-- options: --on-orphan keep --set notes.customer_id=set-null
-- Expected: order 2 is left as the user chose; note 2 becomes NULL. Exit code 1.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO customers VALUES (1), (2);
INSERT INTO orders VALUES (1, 2), (2, 9);
INSERT INTO notes VALUES (1, 2), (2, 9);
