-- "author": 1 rows
INSERT INTO author (id, org) VALUES (1, 1);
-- "doc": 1 rows
INSERT INTO doc (body) VALUES ('z');
-- "note": 3 rows
INSERT INTO note (id, doc_id) VALUES (1, NULL);
INSERT INTO note (id, doc_id) VALUES (2, NULL);
INSERT INTO note (id, doc_id) VALUES (3, 3);
-- "org": 1 rows
INSERT INTO org (id) VALUES (1);
-- "posts": 0 rows
-- SELECT * FROM posts_stat
--   1, 1, 3
-- SELECT * FROM doc_content
--   3, 1, 'z'
