-- The row with the highest number is deleted; AUTOINCREMENT must not hand its number out again.
-- Expected: order 7 is deleted and sqlite_sequence still says 7.
CREATE TABLE customers (id INTEGER PRIMARY KEY AUTOINCREMENT);
CREATE TABLE orders (id INTEGER PRIMARY KEY AUTOINCREMENT, customer_id INTEGER NOT NULL REFERENCES customers (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (7, 9);
