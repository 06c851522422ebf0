-- "logins": 1 rows
INSERT INTO logins (id, user_id) VALUES (1, 'ann');
-- "users": 1 rows
INSERT INTO users (id) VALUES ('ann');
