-- "places": 1 rows
INSERT INTO places (s, n) VALUES ('x', 1);
-- "seats": 2 rows
INSERT INTO seats (id, label, n) VALUES (1, 'x-1', 1); -- s = 'x'
INSERT INTO seats (id, label, n) VALUES (2, 'x-9', NULL); -- s = 'x'
