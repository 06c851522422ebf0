-- "kinds": 5 rows
INSERT INTO kinds (code) VALUES (-5);
INSERT INTO kinds (code) VALUES ('ab');
INSERT INTO kinds (code) VALUES ('last resort');
INSERT INTO kinds (code) VALUES ('spare');
INSERT INTO kinds (code) VALUES ('x');
-- "things": 4 rows
INSERT INTO things (id, a, b, c, d) VALUES (1, 'spare', 'x', 'x', -5);
INSERT INTO things (id, a, b, c, d) VALUES (2, 'x', 'last resort', 'x', -5);
INSERT INTO things (id, a, b, c, d) VALUES (3, 'x', 'x', 'ab', -5);
INSERT INTO things (id, a, b, c, d) VALUES (4, 'x', 'x', 'x', -5);
