-- "customers": 2 rows
INSERT INTO customers (id, name) VALUES (1, 'Ann');
INSERT INTO customers (id, name) VALUES (2, 'Ben');
-- "orders": 4 rows
INSERT INTO orders (id, customer_id, total) VALUES (1, 1, 9.5);
INSERT INTO orders (id, customer_id, total) VALUES (2, NULL, 20.0);
INSERT INTO orders (id, customer_id, total) VALUES (3, NULL, 7.25);
INSERT INTO orders (id, customer_id, total) VALUES (4, NULL, 1.0);
