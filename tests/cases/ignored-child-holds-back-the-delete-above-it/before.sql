-- Order 2 is an orphan and would go, but line 2 refers to it, and lines are out of scope: it must not become an orphan.
-- options: --ignore lines
-- Expected: 1 orphan, held back because a row that stays refers to it; nothing is changed.
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL REFERENCES customers (id));
CREATE TABLE lines (id INTEGER PRIMARY KEY, order_id INTEGER NOT NULL REFERENCES orders (id));
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1), (2, 9);
INSERT INTO lines VALUES (1, 1), (2, 2);
