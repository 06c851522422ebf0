-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "orders": 2 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
INSERT INTO orders (id, customer_id) VALUES (2, NULL);
