-- One fix for all orphans: the column's default, although the schema names no action.
-- options: --on-orphan set-default
-- Expected: order 2 goes to customer 1, its default; note 2 becomes NULL, as it has none.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL DEFAULT 1 REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO customers VALUES (1), (2);
INSERT INTO orders VALUES (1, 2), (2, 9);
INSERT INTO notes VALUES (1, 2), (2, 9);
