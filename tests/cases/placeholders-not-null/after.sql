-- "items": 3 rows
INSERT INTO items (id, series_id) VALUES (1, 1);
INSERT INTO items (id, series_id) VALUES (2, 0);
INSERT INTO items (id, series_id) VALUES (3, -1);
-- "series": 1 rows
INSERT INTO series (id) VALUES (1);
