-- "comments": 4 rows
INSERT INTO comments (id, post_id, page_id) VALUES (1, 1, 1);
INSERT INTO comments (id, post_id, page_id) VALUES (2, NULL, 1);
INSERT INTO comments (id, post_id, page_id) VALUES (3, 1, 9);
INSERT INTO comments (id, post_id, page_id) VALUES (4, NULL, 9);
-- "pages": 1 rows
INSERT INTO pages (id) VALUES (1);
-- "posts": 1 rows
INSERT INTO posts (id) VALUES (1);
