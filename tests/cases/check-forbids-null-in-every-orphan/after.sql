-- "bookmarks": 6 rows
INSERT INTO bookmarks (id, kind, place_id, parent, guid) VALUES (1, 2, NULL, NULL, 'root________');
INSERT INTO bookmarks (id, kind, place_id, parent, guid) VALUES (2, 2, NULL, 1, 'menu');
INSERT INTO bookmarks (id, kind, place_id, parent, guid) VALUES (3, 1, 1, 2, 'a');
INSERT INTO bookmarks (id, kind, place_id, parent, guid) VALUES (4, 1, 2, 2, 'b');
INSERT INTO bookmarks (id, kind, place_id, parent, guid) VALUES (8, 1, 0, 1, 'f');
INSERT INTO bookmarks (id, kind, place_id, parent, guid) VALUES (9, 1, 3, 1, 'g');
-- "places": 3 rows
INSERT INTO places (id) VALUES (1);
INSERT INTO places (id) VALUES (2);
INSERT INTO places (id) VALUES (3);
