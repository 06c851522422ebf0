-- One foreign key of a table is malformed, and makes SQLite's own check fail for the whole database.
-- Expected: orders.shop_code is reported and left alone; orders.customer_id is checked all the same: 1 orphan, emptied.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE shops (id INTEGER PRIMARY KEY, code TEXT);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, shop_code TEXT REFERENCES shops (code), customer_id INTEGER REFERENCES customers (id)
);
INSERT INTO customers VALUES (1);
INSERT INTO shops VALUES (1, 'x');
INSERT INTO orders VALUES (1, 'x', 1), (2, 'zz', 9);
