-- "a": 1 rows
INSERT INTO a (id, customer_id) VALUES (1, 1);
-- "b": 1 rows
INSERT INTO b (id, customer_id) VALUES (1, 1);
-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
