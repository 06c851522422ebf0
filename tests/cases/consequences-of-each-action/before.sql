-- Order 2 is an orphan and goes. What hangs on it goes its own way: CASCADE, SET NULL, SET DEFAULT, a nullable key.
-- Expected: 1 orphan. Line 2 is deleted, review 2 and gift 2 are emptied, parcel 2 goes to order 1, its default.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id) ON DELETE CASCADE);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id) ON DELETE SET NULL);
CREATE TABLE parcels (id INTEGER PRIMARY KEY, order_id INTEGER DEFAULT 1 REFERENCES orders (id) ON DELETE SET DEFAULT);
CREATE TABLE gifts (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 5);
INSERT INTO lines VALUES (1, 1), (2, 2);
INSERT INTO reviews VALUES (1, 1), (2, 2);
INSERT INTO parcels VALUES (1, 1), (2, 2);
INSERT INTO gifts VALUES (1, 1), (2, 2);
