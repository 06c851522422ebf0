-- "customers": 1 rows
INSERT INTO customers (id, name) VALUES (1, 'Ann');
-- "sqlite3_log": 2 rows
INSERT INTO sqlite3_log (id, customer_id) VALUES (1, 1);
INSERT INTO sqlite3_log (id, customer_id) VALUES (2, NULL);
-- "sqlite_stat1": 2 rows
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('customers', 'sqlite_autoindex_customers_1', '1 1');
INSERT INTO sqlite_stat1 (tbl, idx, stat) VALUES ('sqlite3_log', NULL, '2');
