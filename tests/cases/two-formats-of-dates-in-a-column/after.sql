-- "event": 7 rows
INSERT INTO event (id, at, day, made) VALUES (1, '2021-05-03 10:00:00', '2021-05-03', '2021-05-03 10:00:00');
INSERT INTO event (id, at, day, made) VALUES (2, '2021-05-03 10:00:00.123456', '2021-05-03 00:00:00', '2021-05-03 10:00:00.123456');
INSERT INTO event (id, at, day, made) VALUES (3, '2021-05-03T09:00:00Z', '2021-05-03', '2021-05-03');
INSERT INTO event (id, at, day, made) VALUES (4, '2021-05-03T11:00:00.000Z', NULL, '');
INSERT INTO event (id, at, day, made) VALUES (5, 1620036000, '2021-05-03', NULL);
INSERT INTO event (id, at, day, made) VALUES (6, 1620036000123, '2021-05-03', '2021-05-03 10:00');
INSERT INTO event (id, at, day, made) VALUES (7, '2021-05-03 12:00:00', '2021-05-04', '2021-05-03 10:00:00');
-- "log": 4 rows
INSERT INTO log (id, at, seen) VALUES (1, '2021-05-03 10:00:00', 1620036000);
INSERT INTO log (id, at, seen) VALUES (2, '2021-05-03T10:00:00.000Z', 0);
INSERT INTO log (id, at, seen) VALUES (3, '2021-05-03 11:00:00', 1620036000123);
INSERT INTO log (id, at, seen) VALUES (4, 'never', 1620036001);
