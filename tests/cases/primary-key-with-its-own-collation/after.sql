-- "explicit": 2 rows
INSERT INTO explicit (id, name) VALUES (1, 'ann');
INSERT INTO explicit (id, name) VALUES (2, 'nobody');
-- "implicit": 3 rows
INSERT INTO implicit (id, name) VALUES (1, 'ann');
INSERT INTO implicit (id, name) VALUES (2, 'ANN');
INSERT INTO implicit (id, name) VALUES (3, NULL);
-- "people": 1 rows
INSERT INTO people (name) VALUES ('Ann');
