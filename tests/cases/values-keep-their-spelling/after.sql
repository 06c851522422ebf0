-- "c": 2 rows
INSERT INTO c (id, zip) VALUES (1, '07001');
INSERT INTO c (id, zip) VALUES (2, '7001');
-- "d": 2 rows
INSERT INTO d (id, zip) VALUES (1, 7001);
INSERT INTO d (id, zip) VALUES (2, 7001);
-- "e": 2 rows
INSERT INTO e (id, zip) VALUES (1, '07001');
INSERT INTO e (id, zip) VALUES (2, '7001');
-- "number": 1 rows
INSERT INTO number (code) VALUES (7001);
-- "zip": 4 rows
INSERT INTO zip (code) VALUES ('07001');
INSERT INTO zip (code) VALUES ('1.1');
INSERT INTO zip (code) VALUES ('1.10');
INSERT INTO zip (code) VALUES ('7001');
