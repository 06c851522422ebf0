-- Dates as applications write them, in text and in numbers; and texts in columns that are not declared as dates.
-- Expected: no invalid-dates; that all of these stand in one column is found as mixed-formats.
CREATE TABLE t (id INTEGER PRIMARY KEY, d DATETIME, day TEXT, at TIME);
INSERT INTO t (d, day, at) VALUES ('2024-01-31', 'never', 'noon'), ('2024-02-29 23:59:59.999', '', ''),
  ('2024-01-31T23:30:00Z', '2024-02-30', '25:61'), ('2024-01-31 00:30:00+02:00', NULL, NULL),
  ('2024-01-31 00:30:00 +0200', NULL, NULL), ('2024-01-31 10:00:00.123456789 +0000 UTC', NULL, NULL),
  ('20240131T103000Z', NULL, NULL), ('2024/1/31 9:05', NULL, NULL), ('2024-01', NULL, NULL), ('0001-01-01', NULL, NULL),
  (1700000000, NULL, NULL), (1700000000123, NULL, NULL), (2460340.5, NULL, NULL), (-1, NULL, NULL), (NULL, NULL, NULL);
