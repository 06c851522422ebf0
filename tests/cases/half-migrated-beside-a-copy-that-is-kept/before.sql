-- Somebody keeps a copy of orders from last year, made by CREATE TABLE AS, with rows that were deleted since.
-- Expected: a hint about the copy; the orphans of orders and lines are deleted as ever, and the copy stays as it is.
-- Of notes one has its order in the copy alone: it might be brought back, and the orphans of notes are held back.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id));
CREATE TABLE notes (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 5), (3, 1);
CREATE TABLE orders_backup AS SELECT * FROM orders;
DELETE FROM orders WHERE id = 3;
INSERT INTO lines VALUES (1, 1), (3, 7);
INSERT INTO notes VALUES (1, 1), (3, 3);
