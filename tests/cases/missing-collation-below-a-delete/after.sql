-- "books": 1 rows
INSERT INTO books (id) VALUES (1);
-- "names": 2 rows
INSERT INTO names (name, book_id) VALUES ('ann', 1);
INSERT INTO names (name, book_id) VALUES ('ben', 9);
-- "notes": 1 rows
INSERT INTO notes (id, book_id) VALUES (1, 1);
-- "words": 2 rows
INSERT INTO words (id, name) VALUES (1, 'ann');
INSERT INTO words (id, name) VALUES (2, 'ben');
