-- "customers": 2 rows
INSERT INTO customers (tenant_id, id) VALUES (1, 10);
INSERT INTO customers (tenant_id, id) VALUES (2, 20);
-- "orders": 3 rows
INSERT INTO orders (id, tenant_id, customer_id) VALUES (1, 1, 10);
INSERT INTO orders (id, tenant_id, customer_id) VALUES (2, 1, NULL);
INSERT INTO orders (id, tenant_id, customer_id) VALUES (3, 2, NULL);
-- "tenants": 2 rows
INSERT INTO tenants (id) VALUES (1);
INSERT INTO tenants (id) VALUES (2);
