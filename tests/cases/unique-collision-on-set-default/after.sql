-- "desks": 3 rows
INSERT INTO desks (id, person_id) VALUES (1, 1);
INSERT INTO desks (id, person_id) VALUES (2, 2);
INSERT INTO desks (id, person_id) VALUES (3, 9);
-- "people": 2 rows
INSERT INTO people (id) VALUES (1);
INSERT INTO people (id) VALUES (2);
