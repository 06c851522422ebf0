-- "keyed": 1 rows
INSERT INTO keyed (a, b) VALUES ('', 0);
-- "links": 1 rows
INSERT INTO links (a, b) VALUES (NULL, NULL);
-- "m2m": 4 rows
INSERT INTO m2m (user_id, post_id) VALUES (NULL, 'p2');
INSERT INTO m2m (user_id, post_id) VALUES (NULL, 'p2');
INSERT INTO m2m (user_id, post_id) VALUES ('u3', NULL);
INSERT INTO m2m (user_id, post_id) VALUES ('u3', 'p1');
-- "numbered": 1 rows
INSERT INTO numbered (id, n) VALUES (1, NULL);
-- "posts": 3 rows
INSERT INTO posts (id, user_id, body) VALUES (NULL, 'u3', 'z');
INSERT INTO posts (id, user_id, body) VALUES ('p1', NULL, 'x');
INSERT INTO posts (id, user_id, body) VALUES ('p2', 'u3', 'y');
-- "users": 4 rows
INSERT INTO users (id, email) VALUES (NULL, 'a@x');
INSERT INTO users (id, email) VALUES (NULL, 'b@x');
INSERT INTO users (id, email) VALUES ('', 'd@x');
INSERT INTO users (id, email) VALUES ('u3', 'c@x');
