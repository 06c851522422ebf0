-- Values in columns of dates that no reader takes.
-- Expected: all rows but the first two of each column.
CREATE TABLE person (id INTEGER PRIMARY KEY, born DATE, seen DATETIME, "left" timestamp with time zone);
INSERT INTO person VALUES (1, '1981-02-28', '2024-02-29 10:00:00', '2024-01-31T10:00:00+02:00'), (2, NULL, NULL, NULL);
INSERT INTO person VALUES (3, '1981-02-30', '', 'CURRENT_TIMESTAMP'), (4, '0000-00-00', '2023-02-29 10:00', '10:30');
INSERT INTO person VALUES (5, '31/01/1981', '0000-00-00 00:00:00', x'00'), (6, '1981-13-01', '2024-01-31 25:00', 'soon');
