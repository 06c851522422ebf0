-- tenant_id belongs to two keys. Order 2 names a customer that its tenant does not have.
-- Expected: 1 orphan. Only customer_id becomes NULL: the tenant, which is sound and serves another key, stays.
CREATE TABLE tenants (id INTEGER PRIMARY KEY);
CREATE TABLE customers (tenant_id INTEGER REFERENCES tenants (id), id INTEGER, PRIMARY KEY (tenant_id, id));
CREATE TABLE orders (
  id INTEGER PRIMARY KEY, tenant_id INTEGER REFERENCES tenants (id), customer_id INTEGER,
  FOREIGN KEY (tenant_id, customer_id) REFERENCES customers (tenant_id, id)
);
INSERT INTO tenants VALUES (1), (2);
INSERT INTO customers VALUES (1, 10), (2, 20);
INSERT INTO orders VALUES (1, 1, 10), (2, 1, 20), (3, 2, NULL);
