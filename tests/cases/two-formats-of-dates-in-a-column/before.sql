-- An import wrote times with a T, a script wrote seconds, and an upgrade milliseconds; the application itself writes a
-- blank, as Django and SQLAlchemy do, with fractions of the second or without.
-- Expected: mixed-formats for event.at (4 rows: 3, 4, 5 and 6), event.day (row 2), log.at, by its DEFAULT (row 2), and
-- log.seen (row 3), all warnings; nothing of the kind for event.made, which holds one format
-- and an empty text (invalid-dates). Nothing is repaired.
CREATE TABLE event (id INTEGER PRIMARY KEY, at DATETIME, day DATE, made DATETIME);
INSERT INTO event VALUES
  (1, '2021-05-03 10:00:00', '2021-05-03', '2021-05-03 10:00:00'),
  (2, '2021-05-03 10:00:00.123456', '2021-05-03 00:00:00', '2021-05-03 10:00:00.123456'),
  (3, '2021-05-03T09:00:00Z', '2021-05-03', '2021-05-03'),
  (4, '2021-05-03T11:00:00.000Z', NULL, ''),
  (5, 1620036000, '2021-05-03', NULL),
  (6, 1620036000123, '2021-05-03', '2021-05-03 10:00'),
  (7, '2021-05-03 12:00:00', '2021-05-04', '2021-05-03 10:00:00');
CREATE TABLE log (id INTEGER PRIMARY KEY, at TEXT DEFAULT CURRENT_TIMESTAMP, seen INTEGER DEFAULT (strftime('%s', 'now')));
INSERT INTO log VALUES
  (1, '2021-05-03 10:00:00', 1620036000), (2, '2021-05-03T10:00:00.000Z', 0), (3, '2021-05-03 11:00:00', 1620036000123),
  (4, 'never', 1620036001);
