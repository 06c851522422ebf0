-- "author": 3 rows
INSERT INTO author (code) VALUES ('DAN');
INSERT INTO author (code) VALUES ('ann');
INSERT INTO author (code) VALUES ('dan');
-- "author_book": 4 rows
INSERT INTO author_book (author, book) VALUES ('Dan', '0a1b2c3d-0000-4000-8000-000000000002');
INSERT INTO author_book (author, book) VALUES ('ann', '0a1b2c3d-0000-4000-8000-000000000001');
INSERT INTO author_book (author, book) VALUES ('ann', '0a1b2c3d-0000-4000-8000-000000000002');
INSERT INTO author_book (author, book) VALUES ('dan', '0a1b2c3d-0000-4000-8000-000000000002');
-- "author_books_too": 2 rows
INSERT INTO author_books_too (author, book) VALUES ('ann', '0a1b2c3d-0000-4000-8000-000000000001');
INSERT INTO author_books_too (author, book) VALUES ('ann', '0a1b2c3d-0000-4000-8000-000000000002');
-- "book": 2 rows
INSERT INTO book (id) VALUES ('0a1b2c3d-0000-4000-8000-000000000001');
INSERT INTO book (id) VALUES ('0a1b2c3d-0000-4000-8000-000000000002');
