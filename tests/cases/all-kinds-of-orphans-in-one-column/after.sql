-- "needed": 3 rows
INSERT INTO needed (id, user_id) VALUES (1, 'ann');
INSERT INTO needed (id, user_id) VALUES (2, '');
INSERT INTO needed (id, user_id) VALUES (3, 'ann');
-- "nullable": 4 rows
INSERT INTO nullable (id, user_id) VALUES (1, 'ann');
INSERT INTO nullable (id, user_id) VALUES (2, NULL);
INSERT INTO nullable (id, user_id) VALUES (3, 'ann');
INSERT INTO nullable (id, user_id) VALUES (4, NULL);
-- "users": 2 rows
INSERT INTO users (id) VALUES ('ann');
INSERT INTO users (id) VALUES ('ben');
