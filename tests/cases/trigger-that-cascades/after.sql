-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "lines": 1 rows
INSERT INTO lines (id, order_id) VALUES (1, 1);
-- "orders": 1 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
-- "remarks": 1 rows
INSERT INTO remarks (id, order_id) VALUES (1, 1);
