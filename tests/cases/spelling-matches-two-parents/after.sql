-- "logins": 2 rows
INSERT INTO logins (id, user_id) VALUES (1, 'ann');
INSERT INTO logins (id, user_id) VALUES (2, NULL);
-- "users": 2 rows
INSERT INTO users (id) VALUES ('ANN');
INSERT INTO users (id) VALUES ('ann');
