-- "areas": 1 rows
INSERT INTO areas (id, x0, x1) VALUES (1, 0.0, 1.0);
-- "places": 1 rows
INSERT INTO places (id, town_id) VALUES (1, 1);
-- "towns": 1 rows
INSERT INTO towns (id) VALUES (1);
-- SELECT id FROM areas WHERE x1 > 0
--   1
