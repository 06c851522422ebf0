-- One order is an orphan; a trigger deletes 60 of the 100 remarks with it, to which no foreign key leads.
-- Expected: 1 orphan, held back: a copy showed how many remarks it would take.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE remarks (id INTEGER PRIMARY KEY, order_id INTEGER);
CREATE TRIGGER orders_gone AFTER DELETE ON orders BEGIN DELETE FROM remarks WHERE order_id = old.id; END;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100)
INSERT INTO remarks SELECT i, iif(i <= 60, 2, 1) FROM n;
