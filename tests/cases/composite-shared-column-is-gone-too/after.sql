-- "customers": 1 rows
INSERT INTO customers (tenant_id, id) VALUES (1, 10);
-- "orders": 3 rows
INSERT INTO orders (id, tenant_id, customer_id) VALUES (1, 1, 10);
INSERT INTO orders (id, tenant_id, customer_id) VALUES (2, NULL, 10);
INSERT INTO orders (id, tenant_id, customer_id) VALUES (3, 1, NULL);
-- "tenants": 1 rows
INSERT INTO tenants (id) VALUES (1);
