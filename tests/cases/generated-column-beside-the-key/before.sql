-- Columns are computed from the key. One of them may not be NULL.
-- Expected: orders: 1 orphan, emptied, and label becomes NULL with it. bills: 1 orphan, left, because its label would
-- become NULL and must not.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), label TEXT AS ('#' || customer_id) STORED
);
CREATE TABLE bills (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
  label TEXT NOT NULL AS ('#' || customer_id) VIRTUAL
);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO bills VALUES (1, 1), (2, 9);
