-- From before SQLite knew foreign keys: a trigger deletes what belongs to an order, lines and also remarks, which have no
-- declared key.
-- Expected: 1 orphan; order 2 is deleted, and line 2 and remark 2 with it by the trigger.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id));
CREATE TABLE remarks (id INTEGER PRIMARY KEY, order_id INTEGER);
CREATE TRIGGER orders_gone AFTER DELETE ON orders BEGIN
  DELETE FROM lines WHERE order_id = old.id;
  DELETE FROM remarks WHERE order_id = old.id;
END;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO lines VALUES (1, 1), (2, 2);
INSERT INTO remarks VALUES (1, 1), (2, 2);
