-- "bills": 2 rows
INSERT INTO bills (id, customer_id) VALUES (1, 1);
INSERT INTO bills (id, customer_id) VALUES (4, 5);
-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "notes": 2 rows
INSERT INTO notes (id, bill_id) VALUES (1, 1);
INSERT INTO notes (id, bill_id) VALUES (4, 4);
-- "orders": 2 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
INSERT INTO orders (id, customer_id) VALUES (2, 5);
-- "reviews": 2 rows
INSERT INTO reviews (id, order_id) VALUES (1, 1);
INSERT INTO reviews (id, order_id) VALUES (2, 2);
