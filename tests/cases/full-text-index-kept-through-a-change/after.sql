-- "books": 1 rows
INSERT INTO books (id) VALUES (1);
-- "pages": 2 rows
INSERT INTO pages (id, book_id, body) VALUES (1, 1, 'kept words');
INSERT INTO pages (id, book_id, body) VALUES (2, NULL, 'other words');
-- "pages_fts": 2 rows
INSERT INTO pages_fts (body) VALUES ('kept words');
INSERT INTO pages_fts (body) VALUES ('other words');
-- SELECT rowid FROM pages_fts WHERE pages_fts MATCH 'words'
--   1
--   2
