-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "orders": 2 rows
INSERT INTO orders (id, customer_id, shipper_id) VALUES (1, 1, 1);
INSERT INTO orders (id, customer_id, shipper_id) VALUES (3, 1, 9);
-- "shippers": 1 rows
INSERT INTO shippers (id) VALUES (1);
