-- "tickets": 2 rows
INSERT INTO tickets (id, owner_id) VALUES (1, 2);
INSERT INTO tickets (id, owner_id) VALUES (2, 7);
-- "users": 1 rows
INSERT INTO users (id, name) VALUES (2, 'Ann');
