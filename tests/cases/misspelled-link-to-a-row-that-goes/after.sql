-- "firms": 1 rows
INSERT INTO firms (id) VALUES (1);
-- "logins": 2 rows
INSERT INTO logins (id, user_id) VALUES (1, 'ann');
INSERT INTO logins (id, user_id) VALUES (3, 'ann');
-- "users": 1 rows
INSERT INTO users (id, firm_id) VALUES ('ann', 1);
