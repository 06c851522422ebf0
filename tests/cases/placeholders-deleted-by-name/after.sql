-- "items": 1 rows
INSERT INTO items (id, series_id) VALUES (1, 1);
-- "series": 1 rows
INSERT INTO series (id) VALUES (1);
