-- "units": 6 rows
INSERT INTO units (site, code, up) VALUES (1, 'a', NULL);
INSERT INTO units (site, code, up) VALUES (1, 'b', 'a');
INSERT INTO units (site, code, up) VALUES (1, 'c', 'b');
INSERT INTO units (site, code, up) VALUES (2, 'a', 'B');
INSERT INTO units (site, code, up) VALUES (2, 'b', 'A');
INSERT INTO units (site, code, up) VALUES (2, 'c', 'b');
