-- "django_migrations": 1 rows
INSERT INTO django_migrations (id, app, name, applied) VALUES (1, 'lib', '0001_initial', '2024-01-01 10:00:00');
-- "lib_book": 2 rows
INSERT INTO lib_book (id, title, author_id, editor_id) VALUES (1, 'one', 1, 2);
INSERT INTO lib_book (id, title, author_id, editor_id) VALUES (2, 'two', 1, NULL);
-- "lib_person": 2 rows
INSERT INTO lib_person (id, name) VALUES (1, 'Ann');
INSERT INTO lib_person (id, name) VALUES (2, 'Ben');
-- "sqlite_sequence": 3 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('django_migrations', 1);
INSERT INTO sqlite_sequence (name, seq) VALUES ('lib_book', 3);
INSERT INTO sqlite_sequence (name, seq) VALUES ('lib_person', 2);
