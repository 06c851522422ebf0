-- "books": 1 rows
INSERT INTO books (id) VALUES (1);
-- "by_check": 2 rows
INSERT INTO by_check (id, book_id) VALUES (1, 1);
INSERT INTO by_check (id, book_id) VALUES (2, 9);
-- "by_index": 2 rows
INSERT INTO by_index (id, book_id) VALUES (1, 1);
INSERT INTO by_index (id, book_id) VALUES (2, 9);
-- "plain": 2 rows
INSERT INTO plain (id, book_id) VALUES (1, 1);
INSERT INTO plain (id, book_id) VALUES (2, NULL);
