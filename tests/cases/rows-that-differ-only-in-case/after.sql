-- "by_case": 2 rows
INSERT INTO by_case (k, up, v) VALUES ('A', 1, 'sound');
INSERT INTO by_case (k, up, v) VALUES ('a', NULL, 'orphan');
-- "by_spaces": 2 rows
INSERT INTO by_spaces (k, n, up, v) VALUES ('b', 1, NULL, 'orphan');
INSERT INTO by_spaces (k, n, up, v) VALUES ('b ', 1, 1, 'sound');
-- "parents": 1 rows
INSERT INTO parents (id) VALUES (1);
