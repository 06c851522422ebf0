-- "apps": 1 rows
INSERT INTO apps (id) VALUES (1);
-- "django_migrations": 2 rows
INSERT INTO django_migrations (id, app_id, name) VALUES (1, 1, '0001');
INSERT INTO django_migrations (id, app_id, name) VALUES (2, 9, '0002');
-- "orders": 2 rows
INSERT INTO orders (id, app_id) VALUES (1, 1);
INSERT INTO orders (id, app_id) VALUES (2, NULL);
