-- "books": 1 rows
INSERT INTO books (id) VALUES (1);
-- "notes": 1 rows
INSERT INTO notes (id, book_id) VALUES (1, 1);
-- "words": 2 rows
INSERT INTO words (id, label, book_id) VALUES (1, 'ann', 1);
INSERT INTO words (id, label, book_id) VALUES (2, 'ben', 9);
