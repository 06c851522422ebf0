-- "customers": 0 rows
-- "orders": 1 rows
INSERT INTO orders (id, customer_id, code, amount, state, number, sent, note, plain) VALUES (1, 5, NULL, NULL, NULL, NULL, NULL, '', NULL);
-- "stock": 0 rows
