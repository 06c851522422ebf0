-- "beds": 2 rows
INSERT INTO beds (id, room_id) VALUES (1, 1);
INSERT INTO beds (id, room_id) VALUES (2, 2);
-- "birds": 2 rows
INSERT INTO birds (id, tree_id) VALUES (1, 1);
INSERT INTO birds (id, tree_id) VALUES (2, 2);
-- "codes": 1 rows
INSERT INTO codes (n) VALUES (1); -- code = 2
-- "events": 1 rows
INSERT INTO events (id, first, last) VALUES (1, 2, 3);
-- "item_notes": 2 rows
INSERT INTO item_notes (id, item_id) VALUES (1, 1);
INSERT INTO item_notes (id, item_id) VALUES (2, 2);
-- "items": 1 rows
INSERT INTO items (id, place) VALUES (1, 'here');
-- "rooms": 1 rows
INSERT INTO rooms (id, name) VALUES (1, 'x');
-- "tagged": 3 rows
INSERT INTO tagged (id, tag) VALUES (1, 'a');
INSERT INTO tagged (id, tag) VALUES (2, 'b');
INSERT INTO tagged (id, tag) VALUES (3, 'b');
-- "tags": 2 rows
INSERT INTO tags (name) VALUES ('a');
INSERT INTO tags (name) VALUES ('b');
-- "trees": 1 rows
INSERT INTO trees (id, wood_id) VALUES (1, 1);
-- "uses": 2 rows
INSERT INTO uses (id, code) VALUES (1, 2);
INSERT INTO uses (id, code) VALUES (2, 4);
-- "visits": 2 rows
INSERT INTO visits (id, event_id) VALUES (1, 1);
INSERT INTO visits (id, event_id) VALUES (2, 2);
-- "woods": 1 rows
INSERT INTO woods (id, first_tree_id) VALUES (1, 1);
