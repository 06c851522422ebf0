-- "bookmarks": 4 rows
INSERT INTO bookmarks (id, kind, place_id) VALUES (1, 1, 1);
INSERT INTO bookmarks (id, kind, place_id) VALUES (2, 1, 1);
INSERT INTO bookmarks (id, kind, place_id) VALUES (3, 1, 9);
INSERT INTO bookmarks (id, kind, place_id) VALUES (4, 2, 9);
-- "places": 1 rows
INSERT INTO places (id) VALUES (1);
