-- "customers": 4 rows
INSERT INTO customers (id, name, email, code, status, region_id, boss, created, score, note) VALUES (1, 'Ann', 'ann@example.org', 'A', 'gone', 1, NULL, '2024-05-05T10:11:12Z', 1, 'x');
INSERT INTO customers (id, name, email, code, status, region_id, boss, created, score, note) VALUES (5, 'stand-in', 'stand-in 5', '5', 'active', 4, NULL, '1970-01-01T00:00:00Z', 7, NULL);
INSERT INTO customers (id, name, email, code, status, region_id, boss, created, score, note) VALUES (6, 'stand-in', 'stand-in 6', '6', 'active', 4, NULL, '1970-01-01T00:00:00Z', 7, NULL);
INSERT INTO customers (id, name, email, code, status, region_id, boss, created, score, note) VALUES (8, 'stand-in', 'stand-in 8', '8', 'active', 4, NULL, '1970-01-01T00:00:00Z', 7, NULL);
-- "notes": 6 rows
INSERT INTO notes (id, customer_id) VALUES (1, '1');
INSERT INTO notes (id, customer_id) VALUES (2, '5');
INSERT INTO notes (id, customer_id) VALUES (3, '8');
INSERT INTO notes (id, customer_id) VALUES (4, 'abc');
INSERT INTO notes (id, customer_id) VALUES (5, NULL);
INSERT INTO notes (id, customer_id) VALUES (6, '1');
-- "orders": 5 rows
INSERT INTO orders (id, customer_id) VALUES (1, 1);
INSERT INTO orders (id, customer_id) VALUES (2, 5);
INSERT INTO orders (id, customer_id) VALUES (3, 5);
INSERT INTO orders (id, customer_id) VALUES (4, 6);
INSERT INTO orders (id, customer_id) VALUES (5, 0);
-- "outlets": 2 rows
INSERT INTO outlets (id, region_id) VALUES (1, 2);
INSERT INTO outlets (id, region_id) VALUES (2, 3);
-- "region": 4 rows
INSERT INTO region (id, name) VALUES (1, 'north');
INSERT INTO region (id, name) VALUES (2, 'south');
INSERT INTO region (id, name) VALUES (3, 'stand-in 3');
INSERT INTO region (id, name) VALUES (4, 'stand-in 4');
