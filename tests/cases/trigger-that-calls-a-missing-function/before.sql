-- A trigger calls a function that only the application has.
-- Expected: orders: 1 orphan, left because of the function. notes: 1 orphan, emptied.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
CREATE TRIGGER orders_changed AFTER UPDATE ON orders BEGIN SELECT app_notify(new.id); END;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO notes VALUES (1, 1), (2, 9);
