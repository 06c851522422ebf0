-- "groups": 1 rows
INSERT INTO groups (id) VALUES (1);
-- "membership": 1 rows
INSERT INTO membership (id, person_id, group_id, joined, role) VALUES (1, 1, 1, '2020-01-01', 'chair');
-- "people": 2 rows
INSERT INTO people (id) VALUES (1);
INSERT INTO people (id) VALUES (2);
