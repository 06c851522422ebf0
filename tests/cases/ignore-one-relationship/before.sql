-- One of two relationships of the same table is out of scope.
-- options: --ignore orders.shipper_id
-- Expected: order 2's customer becomes NULL; its shipper, which is gone too, is not mentioned and not touched.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE shippers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), shipper_id INTEGER REFERENCES shippers (id)
);
INSERT INTO customers VALUES (1);
INSERT INTO shippers VALUES (1);
INSERT INTO orders VALUES (1, 1, 1), (2, 9, 9);
