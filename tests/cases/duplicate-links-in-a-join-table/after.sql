-- "authors": 2 rows
INSERT INTO authors (id) VALUES (1);
INSERT INTO authors (id) VALUES (2);
-- "authors_books": 8 rows
INSERT INTO authors_books (author_id, book_id) VALUES (NULL, 1);
INSERT INTO authors_books (author_id, book_id) VALUES (NULL, 1);
INSERT INTO authors_books (author_id, book_id) VALUES (1, 1);
INSERT INTO authors_books (author_id, book_id) VALUES (1, 1);
INSERT INTO authors_books (author_id, book_id) VALUES (1, 2);
INSERT INTO authors_books (author_id, book_id) VALUES (2, 2);
INSERT INTO authors_books (author_id, book_id) VALUES (2, 2);
INSERT INTO authors_books (author_id, book_id) VALUES (2, 2);
-- "books": 2 rows
INSERT INTO books (id) VALUES (1);
INSERT INTO books (id) VALUES (2);
