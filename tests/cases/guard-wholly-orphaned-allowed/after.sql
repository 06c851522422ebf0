-- "customers": 2 rows
INSERT INTO customers (id) VALUES (1001);
INSERT INTO customers (id) VALUES (1002);
-- "orders": 0 rows
