-- "item": 7 rows
INSERT INTO item (id, price, "unit price", kind) VALUES (1, 5, 1.0, 'book');
INSERT INTO item (id, price, "unit price", kind) VALUES (2, NULL, NULL, NULL);
INSERT INTO item (id, price, "unit price", kind) VALUES (3, 200, 2.0, 'toy');
INSERT INTO item (id, price, "unit price", kind) VALUES (4, -1, 1.0, 'book');
INSERT INTO item (id, price, "unit price", kind) VALUES (5, 0, 1.0, 'pen');
INSERT INTO item (id, price, "unit price", kind) VALUES (6, 200, 0.1, 'toy');
INSERT INTO item (id, price, "unit price", kind) VALUES (7, 200, NULL, 'toy');
