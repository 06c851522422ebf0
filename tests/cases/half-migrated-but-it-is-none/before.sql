-- order_old is where the application moves finished orders, and the user says so.
-- options: --ignore unfinished-migration
-- Expected: the orphans of orders and of orders_old are deleted as ever.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE orders_old (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (10, 1), (11, 5);
INSERT INTO orders_old VALUES (1, 1), (2, 6);
