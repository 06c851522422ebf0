-- "t": 3 rows
INSERT INTO t (code, n, m) VALUES (NULL, 1, NULL); -- g = 2
INSERT INTO t (code, n, m) VALUES (NULL, 2, 3); -- g = 3
INSERT INTO t (code, n, m) VALUES ('x', 0, NULL); -- g = 1
-- "u": 2 rows
INSERT INTO u (a, b) VALUES (NULL, NULL);
INSERT INTO u (a, b) VALUES (1, NULL);
-- "v": 2 rows
INSERT INTO v (id, word) VALUES (1, '');
INSERT INTO v (id, word) VALUES (7, '');
