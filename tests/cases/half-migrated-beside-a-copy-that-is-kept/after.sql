-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "lines": 1 rows
INSERT INTO lines (id, order_id) VALUES (1, 1);
-- "notes": 2 rows
INSERT INTO notes (id, order_id) VALUES (1, 1);
INSERT INTO notes (id, order_id) VALUES (3, 3);
-- "orders": 1 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
-- "orders_backup": 3 rows
INSERT INTO orders_backup (id, customer_id) VALUES (1, 1);
INSERT INTO orders_backup (id, customer_id) VALUES (2, 5);
INSERT INTO orders_backup (id, customer_id) VALUES (3, 1);
