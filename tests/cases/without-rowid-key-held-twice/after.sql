-- "refs": 3 rows
INSERT INTO refs (id, a, b) VALUES (1, 'a', 1);
INSERT INTO refs (id, a, b) VALUES (2, 'b', 1);
INSERT INTO refs (id, a, b) VALUES (3, 'c', 1);
-- "w": 3 rows
INSERT INTO w (a, b, c, d) VALUES ('a', 1, 'x', '1');
INSERT INTO w (a, b, c, d) VALUES ('a', 1, 'y', '2');
INSERT INTO w (a, b, c, d) VALUES ('b', 1, 'x', '3');
