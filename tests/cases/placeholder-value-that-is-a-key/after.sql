-- "items": 4 rows
INSERT INTO items (id, series_id) VALUES (1, 1);
INSERT INTO items (id, series_id) VALUES (2, 0);
INSERT INTO items (id, series_id) VALUES (3, NULL);
INSERT INTO items (id, series_id) VALUES (4, 0);
-- "series": 2 rows
INSERT INTO series (id) VALUES (0);
INSERT INTO series (id) VALUES (1);
