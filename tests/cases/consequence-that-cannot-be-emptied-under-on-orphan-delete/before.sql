-- The schema says SET NULL of reviews, and forbids it in the same breath; for notes a CHECK does.
-- options: --on-orphan delete
-- Expected: review 3 and note 3 have no order and are deleted by choice. Orders 2 and 4 would take the parents of
-- review 2 and note 4, which can neither stay as they are nor be emptied: they are held back.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE reviews (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id) ON DELETE SET NULL);
CREATE TABLE bills (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE notes (
  id INTEGER PRIMARY KEY, bill_id INTEGER REFERENCES bills (id) ON DELETE SET NULL CHECK (bill_id IS NOT NULL)
);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 5);
INSERT INTO reviews VALUES (1, 1), (2, 2), (3, 99);
INSERT INTO bills VALUES (1, 1), (4, 5);
INSERT INTO notes VALUES (1, 1), (4, 4), (3, 99);
