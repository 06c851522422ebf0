-- "lines": 1 rows
INSERT INTO lines (id, order_id) VALUES (10, 1);
-- "notes": 2 rows
INSERT INTO notes (id, order_id, text) VALUES (20, 1, 'kept');
INSERT INTO notes (id, order_id, text) VALUES (22, NULL, 'kept');
-- "orders": 1 rows
INSERT INTO orders (id) VALUES (1);
