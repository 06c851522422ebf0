-- "customers": 0 rows
-- "orders": 3 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
INSERT INTO orders (id, customer_id) VALUES (2, 2);
INSERT INTO orders (id, customer_id) VALUES (3, NULL);
