-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "orders": 1 rows
INSERT INTO orders (id, customer_id) VALUES (10, 1);
-- "orders_old": 1 rows
INSERT INTO orders_old (id, customer_id) VALUES (1, 1);
