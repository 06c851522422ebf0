-- "items": 6 rows
INSERT INTO items (id, series_id) VALUES (1, 1);
INSERT INTO items (id, series_id) VALUES (2, NULL);
INSERT INTO items (id, series_id) VALUES (3, NULL);
INSERT INTO items (id, series_id) VALUES (4, NULL);
INSERT INTO items (id, series_id) VALUES (5, NULL);
INSERT INTO items (id, series_id) VALUES (6, NULL);
-- "series": 1 rows
INSERT INTO series (id) VALUES (1);
-- "tags": 6 rows
INSERT INTO tags (id, word) VALUES (1, 'red');
INSERT INTO tags (id, word) VALUES (2, NULL);
INSERT INTO tags (id, word) VALUES (3, NULL);
INSERT INTO tags (id, word) VALUES (4, NULL);
INSERT INTO tags (id, word) VALUES (5, NULL);
INSERT INTO tags (id, word) VALUES (6, NULL);
-- "words": 1 rows
INSERT INTO words (word) VALUES ('red');
