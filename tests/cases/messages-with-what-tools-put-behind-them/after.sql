-- "posts": 2 rows
INSERT INTO posts (id, user_id, gone_id) VALUES (1, 1, NULL);
INSERT INTO posts (id, user_id, gone_id) VALUES (2, 2, NULL);
-- "users": 2 rows
INSERT INTO users (id, email, nick, age) VALUES (1, 'a@x', 'n', 1);
INSERT INTO users (id, email, nick, age) VALUES (2, 'b@x', 'n', 2);
