-- "customers": 2 rows
INSERT INTO customers (id, name) VALUES (1, 'Ben');
INSERT INTO customers (id, name) VALUES (2, 'O''Hara, Ann');
-- "notes": 2 rows
INSERT INTO notes (id, name) VALUES (1, 'Ben');
INSERT INTO notes (id, name) VALUES (2, 'O''Hara, Ann');
-- "orders": 2 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
INSERT INTO orders (id, customer_id) VALUES (2, 2);
-- "places": 2 rows
INSERT INTO places (s, n) VALUES ('x', 1);
INSERT INTO places (s, n) VALUES ('y', 1);
-- "seats": 2 rows
INSERT INTO seats (id, s, n) VALUES (1, 'y', 1);
INSERT INTO seats (id, s, n) VALUES (2, 'x', 1);
