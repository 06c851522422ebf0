-- The same relationship is declared with the column and once more as a constraint; SQLite enforces both.
-- Expected: two relationships with 1 orphan each, but one finding and one step: the key becomes NULL once.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id),
  FOREIGN KEY (customer_id) REFERENCES customers (id)
);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
