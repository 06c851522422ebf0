-- "customers": 2 rows
INSERT INTO customers (id, name) VALUES (1, 'Ann');
INSERT INTO customers (id, name) VALUES (2, 'Ben');
-- "orders": 1 rows
INSERT INTO orders (id, customer_id, total) VALUES (1, 1, 9.5);
