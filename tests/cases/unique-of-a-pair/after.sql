-- "bookings": 3 rows
INSERT INTO bookings (id, room_id, day, guest) VALUES (1, 1, 'mon', 'a');
INSERT INTO bookings (id, room_id, day, guest) VALUES (2, NULL, 'mon', 'b');
INSERT INTO bookings (id, room_id, day, guest) VALUES (3, NULL, 'mon', 'c');
-- "rooms": 1 rows
INSERT INTO rooms (id) VALUES (1);
