-- "loans": 1 rows
INSERT INTO loans (id, member_id) VALUES (1, 1);
-- "members": 1 rows
INSERT INTO members (id) VALUES (1);
-- "visits": 2 rows
INSERT INTO visits (id, member_id) VALUES (1, 1);
INSERT INTO visits (id, member_id) VALUES (2, NULL);
