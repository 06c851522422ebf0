-- The column may be NULL by its declaration, but a CHECK says that it must not be.
-- Expected: 1 orphan, deleted as where the column is declared NOT NULL.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), CHECK (customer_id IS NOT NULL)
);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
