-- "bills": 2 rows
INSERT INTO bills (id, customer_id) VALUES (1, 1); -- label = '#1'
INSERT INTO bills (id, customer_id) VALUES (2, 9); -- label = '#9'
-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "orders": 2 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1); -- label = '#1'
INSERT INTO orders (id, customer_id) VALUES (2, NULL); -- label = NULL
