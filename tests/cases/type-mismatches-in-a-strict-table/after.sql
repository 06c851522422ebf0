-- "t": 8 rows
INSERT INTO t (id, n, r, s, b, a) VALUES (1, 1, 1.5, 'x', x'00', 'anything');
INSERT INTO t (id, n, r, s, b, a) VALUES (2, NULL, NULL, NULL, NULL, NULL);
INSERT INTO t (id, n, r, s, b, a) VALUES (3, 7, 8.0, 'y', x'', 1.5);
INSERT INTO t (id, n, r, s, b, a) VALUES (4, 12, 1.5, '12', x'74657874', x'01');
INSERT INTO t (id, n, r, s, b, a) VALUES (5, 'twelve', 'x', 1.5, 1, 2);
INSERT INTO t (id, n, r, s, b, a) VALUES (6, 1.0, x'31', x'31', 1.5, 3);
INSERT INTO t (id, n, r, s, b, a) VALUES (7, 1.5, 1.0, 'z', x'7a', NULL);
INSERT INTO t (id, n, r, s, b, a) VALUES (8, x'31', 2.0, '', NULL, '');
