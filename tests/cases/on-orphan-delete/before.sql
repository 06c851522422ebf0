-- One fix for all orphans, whatever the schema says.
-- options: --on-orphan delete
-- Expected: the orphan of each table is deleted, also where the schema says SET NULL or the column is nullable.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE a (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id) ON DELETE SET NULL);
CREATE TABLE b (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO customers VALUES (1);
INSERT INTO a VALUES (1, 1), (2, 9);
INSERT INTO b VALUES (1, 1), (2, 9);
