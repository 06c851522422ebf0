-- "docs": 5 rows
INSERT INTO docs (tenant, doc, title) VALUES (1, 0, '1-0');
INSERT INTO docs (tenant, doc, title) VALUES (1, 1, 'stand-in 1-9');
INSERT INTO docs (tenant, doc, title) VALUES (1, 2, 'a');
INSERT INTO docs (tenant, doc, title) VALUES (1, 9, '1-9');
INSERT INTO docs (tenant, doc, title) VALUES (2, 5, '2-5');
-- "lines": 5 rows
INSERT INTO lines (id, tenant, doc) VALUES (1, 1, 1);
INSERT INTO lines (id, tenant, doc) VALUES (2, 1, 9);
INSERT INTO lines (id, tenant, doc) VALUES (3, 1, '9');
INSERT INTO lines (id, tenant, doc) VALUES (4, 2, 5);
INSERT INTO lines (id, tenant, doc) VALUES (5, 1, 0);
-- "tenants": 2 rows
INSERT INTO tenants (id, name) VALUES (1, 'one');
INSERT INTO tenants (id, name) VALUES (2, 'stand-in');
