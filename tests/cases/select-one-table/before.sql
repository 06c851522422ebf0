-- Only one table is in scope.
-- options: --select orders
-- Expected: one relationship is looked at; order 2 becomes NULL. Note 2 is not mentioned and not touched.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO notes VALUES (1, 1), (2, 9);
