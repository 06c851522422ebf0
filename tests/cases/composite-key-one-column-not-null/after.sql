-- "places": 1 rows
INSERT INTO places (series, number) VALUES ('x', 1);
-- "seats": 2 rows
INSERT INTO seats (id, s, n) VALUES (1, 'x', 1);
INSERT INTO seats (id, s, n) VALUES (2, 'x', NULL);
