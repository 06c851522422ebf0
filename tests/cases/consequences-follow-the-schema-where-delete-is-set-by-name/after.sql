-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "orders": 1 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
-- "reviews": 2 rows
INSERT INTO reviews (id, order_id) VALUES (1, 1);
INSERT INTO reviews (id, order_id) VALUES (2, NULL);
