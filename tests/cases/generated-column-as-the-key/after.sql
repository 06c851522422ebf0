-- "cascading": 1 rows
INSERT INTO cascading (id, ref) VALUES (1, 'c-1'); -- customer_id = 1
-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "plain": 2 rows
INSERT INTO plain (id, ref) VALUES (1, 'c-1'); -- customer_id = 1
INSERT INTO plain (id, ref) VALUES (2, 'c-9'); -- customer_id = 9
