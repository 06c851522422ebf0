-- "booking": 3 rows
INSERT INTO booking (id, site, number) VALUES (1, 'A', 1);
INSERT INTO booking (id, site, number) VALUES (2, 'B', 1);
INSERT INTO booking (id, site, number) VALUES (3, 'B', 9);
-- "room": 3 rows
INSERT INTO room (site, number, name) VALUES ('A', 1, 'red');
INSERT INTO room (site, number, name) VALUES ('A', 2, 'blue');
INSERT INTO room (site, number, name) VALUES ('B', 1, 'green');
-- "shelf": 2 rows
INSERT INTO shelf (id, room) VALUES (1, 1);
INSERT INTO shelf (id, room) VALUES (2, 7);
