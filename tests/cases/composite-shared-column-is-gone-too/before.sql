-- Order 2's tenant does not exist, so both of its keys are broken; order 3's customer alone does not.
-- Expected: by tenant 1 orphan, by customer 2. The tenant of order 2 becomes NULL, and with it the second key promises
-- nothing; the customer of order 3 becomes NULL in the second step (1 row only).
CREATE TABLE tenants (id INTEGER PRIMARY KEY);
CREATE TABLE customers (tenant_id INTEGER, id INTEGER, PRIMARY KEY (tenant_id, id));
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, tenant_id INTEGER REFERENCES tenants (id), customer_id INTEGER,
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
INSERT INTO tenants VALUES (1);
INSERT INTO customers VALUES (1, 10);
INSERT INTO orders VALUES (1, 1, 10), (2, 7, 10), (3, 1, 20);
