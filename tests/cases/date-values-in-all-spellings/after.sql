-- "t": 15 rows
INSERT INTO t (id, d, day, at) VALUES (1, '2024-01-31', 'never', 'noon');
INSERT INTO t (id, d, day, at) VALUES (2, '2024-02-29 23:59:59.999', '', '');
INSERT INTO t (id, d, day, at) VALUES (3, '2024-01-31T23:30:00Z', '2024-02-30', '25:61');
INSERT INTO t (id, d, day, at) VALUES (4, '2024-01-31 00:30:00+02:00', NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (5, '2024-01-31 00:30:00 +0200', NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (6, '2024-01-31 10:00:00.123456789 +0000 UTC', NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (7, '20240131T103000Z', NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (8, '2024/1/31 9:05', NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (9, '2024-01', NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (10, '0001-01-01', NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (11, 1700000000, NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (12, 1700000000123, NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (13, 2460340.5, NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (14, -1, NULL, NULL);
INSERT INTO t (id, d, day, at) VALUES (15, NULL, NULL, NULL);
