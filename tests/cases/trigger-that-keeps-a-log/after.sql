-- "customers": 1 rows
INSERT INTO customers (id) VALUES (1);
-- "log": 2 rows
INSERT INTO log (id, what) VALUES (1, 'note 2');
INSERT INTO log (id, what) VALUES (2, 'order 2: 9 -> none');
-- "notes": 1 rows
INSERT INTO notes (id, customer_id) VALUES (1, 1);
-- "orders": 2 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
INSERT INTO orders (id, customer_id) VALUES (2, NULL);
-- "sqlite_sequence": 1 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('log', 2);
