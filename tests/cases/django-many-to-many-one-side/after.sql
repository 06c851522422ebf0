-- "lib_book": 2 rows
INSERT INTO lib_book (id, title) VALUES (1, 'one');
INSERT INTO lib_book (id, title) VALUES (2, 'two');
-- "lib_book_tags": 2 rows
INSERT INTO lib_book_tags (id, book_id, tag_id) VALUES (1, 1, 1);
INSERT INTO lib_book_tags (id, book_id, tag_id) VALUES (3, 2, 2);
-- "lib_tag": 2 rows
INSERT INTO lib_tag (id, word) VALUES (1, 'a');
INSERT INTO lib_tag (id, word) VALUES (2, 'b');
-- "sqlite_sequence": 3 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('lib_book', 2);
INSERT INTO sqlite_sequence (name, seq) VALUES ('lib_book_tags', 4);
INSERT INTO sqlite_sequence (name, seq) VALUES ('lib_tag', 2);
