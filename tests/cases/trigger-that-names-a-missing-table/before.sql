-- A rename left a trigger behind that writes to a table which is gone; and a view that reads from it.
-- Expected: orders: 1 orphan, left, as SQLite refuses every change of that table. notes: 1 orphan, emptied.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id));
CREATE TRIGGER orders_changed AFTER UPDATE ON orders BEGIN INSERT INTO log__old VALUES (new.id); END;
CREATE VIEW history AS SELECT * FROM log__old;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO notes VALUES (1, 1), (2, 9);
