-- "places": 3 rows
INSERT INTO places (series, number) VALUES ('x', 1);
INSERT INTO places (series, number) VALUES ('x', 2);
INSERT INTO places (series, number) VALUES ('y', 2);
-- "seats": 2 rows
INSERT INTO seats (id, n, s) VALUES (1, 1, 'x');
INSERT INTO seats (id, n, s) VALUES (2, 2, 'x');
