-- The user wants the orphans of one relationship deleted; of those that lose their parent the schema says SET NULL.
-- options: --set reviews.order_id=delete
-- Expected: order 2 is deleted; review 3, an orphan already, is deleted by choice; review 2 is emptied.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE reviews (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id) ON DELETE SET NULL);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 5);
INSERT INTO reviews VALUES (1, 1), (2, 2), (3, 99);
