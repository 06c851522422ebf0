-- Two foreign keys do not make a join table: an order is a thing of its own.
-- Expected: no join table; order 2 loses its shipper, order 3 its customer, and both stay.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE shippers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), shipper_id INTEGER REFERENCES shippers (id),
  ordered_at TEXT, total REAL
);
INSERT INTO customers VALUES (1), (2);
INSERT INTO shippers VALUES (1);
INSERT INTO orders VALUES (1, 1, 1, '2024-01-01', 5.0), (2, 2, 8, '2024-01-02', 6.0), (3, 9, 1, '2024-01-03', 7.0);
