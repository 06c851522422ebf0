-- "customers": 2 rows
INSERT INTO customers (id) VALUES (1);
INSERT INTO customers (id) VALUES (2);
-- "orders": 3 rows
INSERT INTO orders (id, customer_id, shipper_id, ordered_at, total) VALUES (1, 1, 1, '2024-01-01', 5.0);
INSERT INTO orders (id, customer_id, shipper_id, ordered_at, total) VALUES (2, 2, NULL, '2024-01-02', 6.0);
INSERT INTO orders (id, customer_id, shipper_id, ordered_at, total) VALUES (3, NULL, 1, '2024-01-03', 7.0);
-- "shippers": 1 rows
INSERT INTO shippers (id) VALUES (1);
