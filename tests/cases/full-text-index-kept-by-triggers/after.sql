-- "books": 1 rows
INSERT INTO books (id) VALUES (1);
-- "pages": 1 rows
INSERT INTO pages (id, book_id, body) VALUES (1, 1, 'kept words');
-- "pages_fts": 1 rows
INSERT INTO pages_fts (body) VALUES ('kept words');
-- SELECT rowid FROM pages_fts WHERE pages_fts MATCH 'lost'
-- SELECT rowid FROM pages_fts WHERE pages_fts MATCH 'kept'
--   1
