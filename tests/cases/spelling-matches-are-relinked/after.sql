-- "logins": 9 rows
INSERT INTO logins (id, user_id) VALUES (1, 'ann');
INSERT INTO logins (id, user_id) VALUES (2, 'ann');
INSERT INTO logins (id, user_id) VALUES (3, 'ann');
INSERT INTO logins (id, user_id) VALUES (4, '12e4567e-89b1-2d3a-4564-26614174000f');
INSERT INTO logins (id, user_id) VALUES (5, '12e4567e-89b1-2d3a-4564-26614174000f');
INSERT INTO logins (id, user_id) VALUES (6, 'abcdef0123456789abcdef0123456789');
INSERT INTO logins (id, user_id) VALUES (7, '42');
INSERT INTO logins (id, user_id) VALUES (8, NULL);
INSERT INTO logins (id, user_id) VALUES (9, NULL);
-- "users": 4 rows
INSERT INTO users (id) VALUES ('12e4567e-89b1-2d3a-4564-26614174000f');
INSERT INTO users (id) VALUES ('42');
INSERT INTO users (id) VALUES ('abcdef0123456789abcdef0123456789');
INSERT INTO users (id) VALUES ('ann');
