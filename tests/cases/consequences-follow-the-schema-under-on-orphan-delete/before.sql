-- The user wants orphans deleted. Order 2 and review 3 are orphans; what loses order 2 goes the schema's own way.
-- options: --on-orphan delete
-- Expected: order 2 and review 3 are deleted (by choice). Line 2 is deleted (CASCADE), review 2 is emptied and its vote
-- stays (SET NULL), parcel 2 goes to order 1 (SET DEFAULT); of gifts the schema says nothing: gift 2 is deleted.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id) ON DELETE SET NULL);
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id) ON DELETE CASCADE);
CREATE TABLE reviews (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id) ON DELETE SET NULL);
CREATE TABLE votes (id INTEGER PRIMARY KEY, review_id INTEGER NOT NULL REFERENCES reviews (id) ON DELETE CASCADE);
CREATE TABLE parcels (id INTEGER PRIMARY KEY, order_id INTEGER DEFAULT 1 REFERENCES orders (id) ON DELETE SET DEFAULT);
CREATE TABLE gifts (id INTEGER PRIMARY KEY, order_id INTEGER REFERENCES orders (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 5);
INSERT INTO lines VALUES (1, 1), (2, 2), (3, 7);
INSERT INTO reviews VALUES (1, 1), (2, 2), (3, 99);
INSERT INTO votes VALUES (1, 1), (2, 2), (3, 3);
INSERT INTO parcels VALUES (1, 1), (2, 2);
INSERT INTO gifts VALUES (1, 1), (2, 2);
