-- "seats": 8 rows
INSERT INTO seats (id, place, row, note) VALUES (1, 'A', 1, 'x');
INSERT INTO seats (id, place, row, note) VALUES (2, 'A', 2, NULL);
INSERT INTO seats (id, place, row, note) VALUES (3, 'A', 1, 'x');
INSERT INTO seats (id, place, row, note) VALUES (4, 'A', 1, 'x');
INSERT INTO seats (id, place, row, note) VALUES (5, 'A', 2, NULL);
INSERT INTO seats (id, place, row, note) VALUES (6, 'A', NULL, 'x');
INSERT INTO seats (id, place, row, note) VALUES (7, 'A', NULL, 'x');
INSERT INTO seats (id, place, row, note) VALUES (8, 'a', 1, 'x');
