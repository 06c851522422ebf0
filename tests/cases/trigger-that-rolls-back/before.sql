-- The same with ROLLBACK, which ends the whole transaction, whoever began it.
-- Expected: orders: 1 orphan, left. notes: 1 orphan, deleted all the same.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TRIGGER keep_orders BEFORE DELETE ON orders BEGIN SELECT raise(ROLLBACK, 'no'); END;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO notes VALUES (1, 1), (2, 9);
