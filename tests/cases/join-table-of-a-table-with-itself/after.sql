-- "net_person": 2 rows
INSERT INTO net_person (id, name) VALUES (1, 'Ann');
INSERT INTO net_person (id, name) VALUES (2, 'Ben');
-- "net_person_friends": 2 rows
INSERT INTO net_person_friends (id, from_person_id, to_person_id) VALUES (1, 1, 2);
INSERT INTO net_person_friends (id, from_person_id, to_person_id) VALUES (4, 2, 1);
-- "sqlite_sequence": 2 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('net_person', 2);
INSERT INTO sqlite_sequence (name, seq) VALUES ('net_person_friends', 4);
