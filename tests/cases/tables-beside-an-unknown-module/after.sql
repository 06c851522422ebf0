-- "author": 1 rows
INSERT INTO author (id) VALUES (1);
-- "plain": 3 rows
INSERT INTO plain (id, n) VALUES (1, 5);
INSERT INTO plain (id, n) VALUES (2, 1);
INSERT INTO plain (id, n) VALUES (3, 2);
-- SELECT * FROM posts_stat
--   2, 1
-- SELECT * FROM posts_tag
--   1, NULL
--   2, 1
--   3, 2
