-- "items": 2 rows
INSERT INTO items (id, owner_id) VALUES (1, 'ann');
INSERT INTO items (id, owner_id) VALUES (2, '00000000000000000000000000000000');
-- "users": 2 rows
INSERT INTO users (id) VALUES ('00000000000000000000000000000000');
INSERT INTO users (id) VALUES ('ann');
