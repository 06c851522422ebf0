-- The default of parcels is order 2, and that very order is an orphan. Parcel 1 has an order that is sound.
-- Expected: 1 orphan, order 2. Deleting it would leave parcel 2 without a parent, since its default goes as well; so
-- the delete is held back and the order is left with the reason.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE parcels (id INTEGER PRIMARY KEY, order_id INTEGER DEFAULT 2 REFERENCES orders (id) ON DELETE SET DEFAULT);
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 5);
INSERT INTO parcels VALUES (1, 1), (2, 2);
