-- "cities": 1 rows
INSERT INTO cities (id, name) VALUES (1, 'Rome');
-- "rivers": 2 rows
INSERT INTO rivers (id, city) VALUES (1, 1);
INSERT INTO rivers (id, city) VALUES (2, 9);
-- "streets": 1 rows
INSERT INTO streets (id, city) VALUES (1, 'ROM');
