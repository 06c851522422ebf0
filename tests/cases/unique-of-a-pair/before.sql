-- The key is part of a unique pair; NULLs never collide there.
-- Expected: 2 orphans of the same day, both emptied without a collision.
CREATE TABLE rooms (id INTEGER PRIMARY KEY);
CREATE TABLE bookings (
  id INTEGER PRIMARY KEY, room_id INTEGER REFERENCES rooms (id), day TEXT NOT NULL, guest TEXT, UNIQUE (room_id, day)
);
INSERT INTO rooms VALUES (1);
INSERT INTO bookings VALUES (1, 1, 'mon', 'a'), (2, 8, 'mon', 'b'), (3, 9, 'mon', 'c');
