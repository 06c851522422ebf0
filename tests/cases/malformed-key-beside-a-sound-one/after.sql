-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "orders": 2 rows
INSERT INTO orders (id, shop_code, customer_id) VALUES (1, 'x', 1);
INSERT INTO orders (id, shop_code, customer_id) VALUES (2, 'zz', NULL);
-- "shops": 1 rows
INSERT INTO shops (id, code) VALUES (1, 'x');
