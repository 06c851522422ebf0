-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "orders": 1 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
-- "sqlite_sequence": 2 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('customers', 1);
INSERT INTO sqlite_sequence (name, seq) VALUES ('orders', 7);
