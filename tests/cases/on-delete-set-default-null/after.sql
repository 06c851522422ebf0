-- "tickets": 3 rows
INSERT INTO tickets (id, owner_id, closer_id) VALUES (1, 2, 2);
INSERT INTO tickets (id, owner_id, closer_id) VALUES (2, NULL, 2);
INSERT INTO tickets (id, owner_id, closer_id) VALUES (3, 2, NULL);
-- "users": 1 rows
INSERT INTO users (id, name) VALUES (2, 'Ann');
