-- Two keys of one table, one chosen to be deleted although it may be NULL, one to be kept.
-- options: --set orders.customer_id=delete --set orders.shipper_id=keep
-- Expected: order 2 is deleted for its customer. Order 3 keeps its lost shipper and is listed as left; order 4 has lost
-- both and is deleted.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE shippers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), shipper_id INTEGER REFERENCES shippers (id)
);
INSERT INTO customers VALUES (1);
INSERT INTO shippers VALUES (1);
INSERT INTO orders VALUES (1, 1, 1), (2, 9, 1), (3, 1, 9), (4, 9, 9);
