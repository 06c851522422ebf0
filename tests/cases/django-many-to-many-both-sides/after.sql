-- "lib_book": 1 rows
INSERT INTO lib_book (id, title) VALUES (1, 'one');
-- "lib_book_tags": 1 rows
INSERT INTO lib_book_tags (id, book_id, tag_id) VALUES (1, 1, 1);
-- "lib_tag": 1 rows
INSERT INTO lib_tag (id, word) VALUES (1, 'a');
-- "sqlite_sequence": 3 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('lib_book', 1);
INSERT INTO sqlite_sequence (name, seq) VALUES ('lib_book_tags', 4);
INSERT INTO sqlite_sequence (name, seq) VALUES ('lib_tag', 1);
