-- "menu": 1 rows
INSERT INTO menu (id, restaurant_id) VALUES (1, 1);
-- "place": 2 rows
INSERT INTO place (id) VALUES (1);
INSERT INTO place (id) VALUES (2);
-- "profile": 1 rows
INSERT INTO profile (place_id, text) VALUES (2, 'two');
-- "restaurant": 1 rows
INSERT INTO restaurant (place_ptr_id, stars) VALUES (1, 3);
