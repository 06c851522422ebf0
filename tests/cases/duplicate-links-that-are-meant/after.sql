-- "authors": 2 rows
INSERT INTO authors (id) VALUES (1);
INSERT INTO authors (id) VALUES (2);
-- "authors_books": 2 rows
INSERT INTO authors_books (author_id, book_id, signed_on) VALUES (1, 1, '2020-01-01');
INSERT INTO authors_books (author_id, book_id, signed_on) VALUES (1, 1, '2021-01-01');
-- "books": 2 rows
INSERT INTO books (id) VALUES (1);
INSERT INTO books (id) VALUES (2);
-- "books_readers": 3 rows
INSERT INTO books_readers (id, book_id, reader_id) VALUES (1, 1, 1);
INSERT INTO books_readers (id, book_id, reader_id) VALUES (2, 1, 2);
INSERT INTO books_readers (id, book_id, reader_id) VALUES (3, 2, 1);
