-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "lines": 2 rows
INSERT INTO lines (id, order_code) VALUES (1, 'a');
INSERT INTO lines (id, order_code) VALUES (2, 'b');
-- "orders": 2 rows
INSERT INTO orders (id, code, customer_id) VALUES (1, 'a', 1);
INSERT INTO orders (id, code, customer_id) VALUES (2, 'b', 9);
