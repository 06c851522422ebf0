-- A trigger does not accept an empty key and puts the old one back.
-- Expected: 1 orphan, left: on a copy it was still there afterwards.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
CREATE TRIGGER orders_changed AFTER UPDATE OF customer_id ON orders WHEN new.customer_id IS NULL BEGIN
  UPDATE orders SET customer_id = old.customer_id WHERE id = new.id;
END;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
