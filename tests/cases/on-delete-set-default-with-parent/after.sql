-- "tickets": 3 rows
INSERT INTO tickets (id, owner_id) VALUES (1, 2);
INSERT INTO tickets (id, owner_id) VALUES (2, 1);
INSERT INTO tickets (id, owner_id) VALUES (3, 1);
-- "users": 2 rows
INSERT INTO users (id, name) VALUES (1, 'nobody');
INSERT INTO users (id, name) VALUES (2, 'Ann');
