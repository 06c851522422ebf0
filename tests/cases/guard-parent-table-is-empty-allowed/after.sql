-- "customers": 0 rows
-- "orders": 3 rows
INSERT INTO orders (id, customer_id) VALUES (1, NULL);
INSERT INTO orders (id, customer_id) VALUES (2, NULL);
INSERT INTO orders (id, customer_id) VALUES (3, NULL);
