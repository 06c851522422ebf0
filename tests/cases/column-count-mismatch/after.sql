-- "sales": 2 rows
INSERT INTO sales (id, item) VALUES (1, 1);
INSERT INTO sales (id, item) VALUES (2, 9);
-- "stock": 1 rows
INSERT INTO stock (item, place) VALUES (1, 1);
