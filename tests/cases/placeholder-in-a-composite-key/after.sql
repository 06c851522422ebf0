-- "places": 3 rows
INSERT INTO places (floor, number) VALUES (1, 0);
INSERT INTO places (floor, number) VALUES (1, 1);
INSERT INTO places (floor, number) VALUES (2, 1);
-- "seats": 3 rows
INSERT INTO seats (id, floor, number) VALUES (1, 1, 0);
INSERT INTO seats (id, floor, number) VALUES (2, NULL, NULL);
INSERT INTO seats (id, floor, number) VALUES (3, NULL, NULL);
