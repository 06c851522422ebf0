-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "gifts": 1 rows
INSERT INTO gifts (id, order_id) VALUES (1, 1);
-- "lines": 1 rows
INSERT INTO lines (id, order_id) VALUES (1, 1);
-- "orders": 1 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
-- "parcels": 2 rows
INSERT INTO parcels (id, order_id) VALUES (1, 1);
INSERT INTO parcels (id, order_id) VALUES (2, 1);
-- "reviews": 2 rows
INSERT INTO reviews (id, order_id) VALUES (1, 1);
INSERT INTO reviews (id, order_id) VALUES (2, NULL);
-- "votes": 2 rows
INSERT INTO votes (id, review_id) VALUES (1, 1);
INSERT INTO votes (id, review_id) VALUES (2, 2);
