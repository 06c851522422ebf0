-- "person": 4 rows
INSERT INTO person (id, name, code, nick, motto, note) VALUES (1, 'Maria', 'abc', 'äö', 'four', 'abc');
INSERT INTO person (id, name, code, nick, motto, note) VALUES (2, NULL, NULL, NULL, NULL, NULL);
INSERT INTO person (id, name, code, nick, motto, note) VALUES (3, 'Marian', 'abcd', 'äöü', 'fives', 'abcd');
INSERT INTO person (id, name, code, nick, motto, note) VALUES (4, 'Johannes', '123', 'ab ', '', x'0102030405');
