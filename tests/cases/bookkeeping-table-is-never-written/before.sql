-- A framework's own account of its migrations was given a foreign key, and that is broken.
-- Expected: django_migrations: 1 orphan, left because such a table is never changed. orders: 1 orphan, emptied.
CREATE TABLE apps (id INTEGER PRIMARY KEY);
CREATE TABLE django_migrations (id INTEGER PRIMARY KEY, app_id INTEGER REFERENCES apps (id), name TEXT);
CREATE TABLE orders (id INTEGER PRIMARY KEY, app_id INTEGER REFERENCES apps (id));
INSERT INTO apps VALUES (1);
INSERT INTO django_migrations VALUES (1, 1, '0001'), (2, 9, '0002');
INSERT INTO orders VALUES (1, 1), (2, 9);
