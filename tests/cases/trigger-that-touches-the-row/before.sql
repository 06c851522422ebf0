-- A trigger writes into the very row that was changed.
-- Expected: order 2 becomes NULL and is marked as edited by the trigger, order 1 is not.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), edited INTEGER DEFAULT 0);
CREATE TRIGGER orders_changed AFTER UPDATE OF customer_id ON orders BEGIN
  UPDATE orders SET edited = edited + 1 WHERE id = new.id;
END;
INSERT INTO customers VALUES (1);
INSERT INTO orders (id, customer_id) VALUES (1, 1), (2, 9);
