-- Single columns refer to parts of the primary key (site, number) of room: the commonest cause of "foreign key mismatch".
-- Expected: each fault wants the other column as well, and no unique index over a part, which sound rows forbid. The
-- shelf, whose table has no such other column, cannot be told that. Nothing is changed.
CREATE TABLE room (site TEXT NOT NULL, number INTEGER NOT NULL, name TEXT, PRIMARY KEY (site, number));
CREATE TABLE booking (
  id INTEGER PRIMARY KEY, site TEXT NOT NULL, number INTEGER NOT NULL,
  FOREIGN KEY (number) REFERENCES room (number), FOREIGN KEY (site) REFERENCES room (site)
);
CREATE TABLE shelf (id INTEGER PRIMARY KEY, room INTEGER REFERENCES room (number));
INSERT INTO room VALUES ('A', 1, 'red'), ('A', 2, 'blue'), ('B', 1, 'green');
INSERT INTO booking VALUES (1, 'A', 1), (2, 'B', 1), (3, 'B', 9);
INSERT INTO shelf VALUES (1, 1), (2, 7);
