-- A trigger forbids to delete orders. The notes beside them have no such trigger.
-- Expected: orders: 1 orphan, left with the trigger's own words. notes: 1 orphan, deleted.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TRIGGER keep_orders BEFORE DELETE ON orders BEGIN SELECT raise(ABORT, 'orders are kept for ten years'); END;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO notes VALUES (1, 1), (2, 9);
