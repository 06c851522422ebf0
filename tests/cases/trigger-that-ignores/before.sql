-- A trigger makes a delete do nothing without saying so.
-- Expected: 1 orphan, left: on a copy the delete left it where it was.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TRIGGER keep_orders BEFORE DELETE ON orders BEGIN SELECT raise(IGNORE); END;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
