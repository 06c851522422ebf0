-- A trigger deletes the customer of an order that goes: other orders of that customer would become orphans by it.
-- Expected: 1 orphan (order 2, whose shop is gone). On a copy, deleting it left order 1 without its customer, so it is
-- held back, and nothing is changed.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE shops (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id),
  shop_id INTEGER NOT NULL REFERENCES shops (id)
);
CREATE TRIGGER orders_gone AFTER DELETE ON orders BEGIN DELETE FROM customers WHERE id = old.customer_id; END;
INSERT INTO customers VALUES (1);
INSERT INTO shops VALUES (1);
INSERT INTO orders VALUES (1, 1, 1), (2, 1, 9);
