-- "new__users": 0 rows
-- "users": 3 rows
INSERT INTO users (id, email) VALUES (1, NULL);
INSERT INTO users (id, email) VALUES (2, 'a');
INSERT INTO users (id, email) VALUES (3, 'a');
