-- "likes": 2 rows
INSERT INTO likes (id, user_id) VALUES (1, NULL);
INSERT INTO likes (id, user_id) VALUES (2, 8);
-- "posts": 3 rows
INSERT INTO posts (id, user_id) VALUES (1, 1);
INSERT INTO posts (id, user_id) VALUES (2, 8);
INSERT INTO posts (id, user_id) VALUES (3, 8);
-- "sqlite_sequence": 1 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('users', 8);
-- "users": 2 rows
INSERT INTO users (id, name, email) VALUES (1, 'ann', 'ann@example.org');
INSERT INTO users (id, name, email) VALUES (8, 'deleted', 'deleted-8@example.invalid');
-- "visits": 1 rows
INSERT INTO visits (id, user_id) VALUES (1, 7);
