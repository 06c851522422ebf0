-- "authors": 1 rows
INSERT INTO authors (id) VALUES (1);
-- "books": 2 rows
INSERT INTO books (id, title, author_id) VALUES (1, 'one', 1);
INSERT INTO books (id, title, author_id) VALUES (2, 'two', 5);
