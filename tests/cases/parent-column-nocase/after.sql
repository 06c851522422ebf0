-- "a": 1 rows
INSERT INTO a (name) VALUES ('ann');
-- "b": 1 rows
INSERT INTO b (name) VALUES ('ann');
-- "by_binary": 2 rows
INSERT INTO by_binary (id, name) VALUES (1, 'ann');
INSERT INTO by_binary (id, name) VALUES (2, 'ann');
-- "by_nocase": 3 rows
INSERT INTO by_nocase (id, name) VALUES (1, 'ANN');
INSERT INTO by_nocase (id, name) VALUES (2, NULL);
INSERT INTO by_nocase (id, name) VALUES (3, 'ann');
