-- Neither the child nor the parent has a rowid.
-- Expected: rooms: 1 orphan, deleted (its key is part of its primary key), and with it, as a consequence, the chair
-- that stands in it.
CREATE TABLE houses (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE rooms (
  house TEXT REFERENCES houses (name), number INTEGER, PRIMARY KEY (house, number)
) WITHOUT ROWID;
CREATE TABLE chairs (
  id TEXT PRIMARY KEY, house TEXT NOT NULL, number INTEGER NOT NULL,
  FOREIGN KEY (house, number) REFERENCES rooms (house, number)
) WITHOUT ROWID;
INSERT INTO houses VALUES ('mill');
INSERT INTO rooms VALUES ('mill', 1), ('barn', 1);
INSERT INTO chairs VALUES ('a', 'mill', 1), ('b', 'barn', 1);
