-- "books": 1 rows
INSERT INTO books (id) VALUES (1);
-- "books_tags": 2 rows
INSERT INTO books_tags (book_id, tag_id) VALUES (1, NULL);
INSERT INTO books_tags (book_id, tag_id) VALUES (1, 1);
-- "pages": 2 rows
INSERT INTO pages (id, book_id) VALUES (1, 1);
INSERT INTO pages (id, book_id) VALUES (2, NULL);
-- "tags": 1 rows
INSERT INTO tags (id) VALUES (1);
