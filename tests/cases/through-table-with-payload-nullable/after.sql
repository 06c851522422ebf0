-- "groups": 1 rows
INSERT INTO groups (id) VALUES (1);
-- "membership": 2 rows
INSERT INTO membership (id, person_id, group_id, joined) VALUES (1, 1, 1, '2020-01-01');
INSERT INTO membership (id, person_id, group_id, joined) VALUES (2, 2, NULL, '2021-05-05');
-- "people": 2 rows
INSERT INTO people (id) VALUES (1);
INSERT INTO people (id) VALUES (2);
