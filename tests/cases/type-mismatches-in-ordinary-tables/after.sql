-- "item": 6 rows
INSERT INTO item (id, stock, weight, price, sold, size) VALUES (1, 5, 1.5, 12.5, 1, 7);
INSERT INTO item (id, stock, weight, price, sold, size) VALUES (2, NULL, NULL, NULL, NULL, NULL);
INSERT INTO item (id, stock, weight, price, sold, size) VALUES (3, 7, 2.0, 3, 0, 2);
INSERT INTO item (id, stock, weight, price, sold, size) VALUES (4, 'n/a', 'heavy', '12,50', 1, 2.5);
INSERT INTO item (id, stock, weight, price, sold, size) VALUES (5, '', x'01', 1e+300, 0, 8);
INSERT INTO item (id, stock, weight, price, sold, size) VALUES (6, 1, 1.0, 1, 2, 'x');
