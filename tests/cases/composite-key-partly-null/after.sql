-- "places": 1 rows
INSERT INTO places (series, number) VALUES ('x', 1);
-- "seats": 4 rows
INSERT INTO seats (id, s, n) VALUES (1, 'x', 1);
INSERT INTO seats (id, s, n) VALUES (2, 'q', NULL);
INSERT INTO seats (id, s, n) VALUES (3, NULL, 9);
INSERT INTO seats (id, s, n) VALUES (4, NULL, NULL);
