-- "continent": 0 rows
-- "country": 1 rows
INSERT INTO country (code, name, continent_id) VALUES ('fr', 'France', NULL);
-- "customer": 4 rows
INSERT INTO customer (id, email, country, level) VALUES (1, 'ann@example.org', NULL, 'new'); -- short = 'ann'
INSERT INTO customer (id, email, country, level) VALUES (2, 'bob@example.org', NULL, 'new'); -- short = 'bob'
INSERT INTO customer (id, email, country, level) VALUES (3, 'cid@example.org', 'fr', 'new'); -- short = 'cid'
INSERT INTO customer (id, email, country, level) VALUES (9, 'dot@example.org', NULL, 'new'); -- short = 'dot'
-- "orders": 4 rows
INSERT INTO orders (id, customer_id) VALUES (10, 1);
INSERT INTO orders (id, customer_id) VALUES (11, 2);
INSERT INTO orders (id, customer_id) VALUES (12, 3);
INSERT INTO orders (id, customer_id) VALUES (13, 4);
