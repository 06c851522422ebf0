-- "items": 2 rows
INSERT INTO items (id, series_id) VALUES (1, 1);
INSERT INTO items (id, series_id) VALUES (2, NULL);
-- "series": 1 rows
INSERT INTO series (id) VALUES (1);
