-- "empty": 0 rows
-- "item": 3 rows
INSERT INTO item (id, price, note, twin) VALUES (1, 5, 'abc', 'abc');
INSERT INTO item (id, price, note, twin) VALUES (2, -1, NULL, 'x');
INSERT INTO item (id, price, note, twin) VALUES (3, NULL, 'ab', NULL);
