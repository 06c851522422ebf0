-- "logins": 4 rows
INSERT INTO logins (id, user_id) VALUES (1, 'ann');
INSERT INTO logins (id, user_id) VALUES (2, 'Ann');
INSERT INTO logins (id, user_id) VALUES (3, 'ann');
INSERT INTO logins (id, user_id) VALUES (4, NULL);
-- "posts": 2 rows
INSERT INTO posts (id, user_id) VALUES (1, 'mg');
INSERT INTO posts (id, user_id) VALUES (2, 'MG');
-- "users": 4 rows
INSERT INTO users (id) VALUES ('ANN');
INSERT INTO users (id) VALUES ('Mg');
INSERT INTO users (id) VALUES ('ann');
INSERT INTO users (id) VALUES ('mg');
