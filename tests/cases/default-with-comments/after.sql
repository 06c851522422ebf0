-- "c": 5 rows
INSERT INTO c (id, a, b, c, d, e) VALUES (1, 1, 1, 1, NULL, 1);
INSERT INTO c (id, a, b, c, d, e) VALUES (2, 1, -5, 1, NULL, 1);
INSERT INTO c (id, a, b, c, d, e) VALUES (3, 1, 1, 3, NULL, 1);
INSERT INTO c (id, a, b, c, d, e) VALUES (4, 1, 1, 1, 'it''s', 1);
INSERT INTO c (id, a, b, c, d, e) VALUES (5, 1, 1, 1, NULL, NULL);
-- "other": 1 rows
INSERT INTO other (id, p) VALUES (1, NULL);
-- "p": 4 rows
INSERT INTO p (id) VALUES (-5);
INSERT INTO p (id) VALUES (1);
INSERT INTO p (id) VALUES (3);
INSERT INTO p (id) VALUES ('it''s');
