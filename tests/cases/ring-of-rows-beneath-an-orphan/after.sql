-- "people": 3 rows
INSERT INTO people (id, mother_id, guardian_id) VALUES (1, 1, 1);
INSERT INTO people (id, mother_id, guardian_id) VALUES (2, 1, 1);
INSERT INTO people (id, mother_id, guardian_id) VALUES (3, 2, 1);
