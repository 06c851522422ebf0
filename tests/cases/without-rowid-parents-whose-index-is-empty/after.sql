-- "members": 4 rows
INSERT INTO members (a, ord, fact) VALUES ('a', 1, 'f1');
INSERT INTO members (a, ord, fact) VALUES ('a', 2, 'f2');
INSERT INTO members (a, ord, fact) VALUES ('b', 1, 'f1');
INSERT INTO members (a, ord, fact) VALUES ('b', 2, 'f3');
-- "refs": 3 rows
INSERT INTO refs (id, a, fact) VALUES (1, 'a', 'f1');
INSERT INTO refs (id, a, fact) VALUES (2, 'b', 'f3');
INSERT INTO refs (id, a, fact) VALUES (3, NULL, NULL);
