-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "lines": 2 rows
INSERT INTO lines (id, order_id) VALUES (1, 1);
INSERT INTO lines (id, order_id) VALUES (2, 2);
-- "orders": 2 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
INSERT INTO orders (id, customer_id) VALUES (2, 9);
