-- "places": 2 rows
INSERT INTO places (s, n) VALUES ('x', 1);
INSERT INTO places (s, n) VALUES ('y', 2);
-- "seats": 2 rows
INSERT INTO seats (id, s, n) VALUES (1, 'y', 2);
INSERT INTO seats (id, s, n) VALUES (2, 'x', 1);
-- "stands": 2 rows
INSERT INTO stands (id, s, n) VALUES (1, 'y', 2);
INSERT INTO stands (id, s, n) VALUES (2, 'z', 3);
