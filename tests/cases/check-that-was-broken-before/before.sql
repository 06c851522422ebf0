-- A row breaks a CHECK of its table already (it was written with ignore_check_constraints). That is none of this
-- tool's faults, and no damage to the file either.
-- Expected: 1 orphan; the repair goes ahead and empties the key of order 2. Order 1 keeps its negative total.
-- integrity: CHECK constraint failed in orders
CREATE TABLE customers (id INTEGER PRIMARY KEY);
CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customers (id), total CHECK (total > 0));
PRAGMA ignore_check_constraints = ON;
INSERT INTO customers VALUES (1);
INSERT INTO orders VALUES (1, 1, -5), (2, 9, 5);
