-- "pair": 1 rows
INSERT INTO pair (a, b, c) VALUES ('a', 'b', NULL);
-- "person": 3 rows
INSERT INTO person (id, email, age, seen, name) VALUES (1, 'a@b', 1, 's', 'n');
INSERT INTO person (id, email, age, seen, name) VALUES (2, NULL, 18, NULL, NULL);
INSERT INTO person (id, email, age, seen, name) VALUES (3, NULL, 3, NULL, NULL);
