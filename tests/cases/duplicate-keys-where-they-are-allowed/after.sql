-- "pairs": 3 rows
INSERT INTO pairs (a, b) VALUES ('x', 'Y');
INSERT INTO pairs (a, b) VALUES ('x', 'y');
INSERT INTO pairs (a, b) VALUES ('y', 'x');
-- "users": 6 rows
INSERT INTO users (id, email, nick, deleted, code) VALUES (1, 'a', 'Ann', NULL, 1);
INSERT INTO users (id, email, nick, deleted, code) VALUES (2, NULL, 'ann', 1, '1');
INSERT INTO users (id, email, nick, deleted, code) VALUES (3, NULL, 'ANN', 1, NULL);
INSERT INTO users (id, email, nick, deleted, code) VALUES (4, 'A', 'Ben', 1, NULL);
INSERT INTO users (id, email, nick, deleted, code) VALUES (5, NULL, NULL, NULL, x'31');
INSERT INTO users (id, email, nick, deleted, code) VALUES (6, NULL, NULL, NULL, 1.5);
