-- The key of the child is its primary key as well: Django's multi-table inheritance, and a profile of a user.
-- Expected: restaurant 9 and profile 9 are deleted (a primary key cannot be NULL), and the menu of restaurant 9 with it.
CREATE TABLE place (id integer NOT NULL PRIMARY KEY);
CREATE TABLE restaurant (
  place_ptr_id integer NOT NULL PRIMARY KEY REFERENCES place (id) DEFERRABLE INITIALLY DEFERRED, stars integer
);
CREATE TABLE profile (place_id INTEGER PRIMARY KEY REFERENCES place (id), text TEXT);
CREATE TABLE menu (id integer PRIMARY KEY, restaurant_id integer NOT NULL REFERENCES restaurant (place_ptr_id));
INSERT INTO place VALUES (1), (2);
INSERT INTO restaurant VALUES (1, 3), (9, 1);
INSERT INTO profile VALUES (2, 'two'), (9, 'nine');
INSERT INTO menu VALUES (1, 1), (2, 9);
