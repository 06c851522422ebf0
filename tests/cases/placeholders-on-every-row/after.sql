-- "items": 12 rows
INSERT INTO items (id, owner_id) VALUES (1, NULL);
INSERT INTO items (id, owner_id) VALUES (2, NULL);
INSERT INTO items (id, owner_id) VALUES (3, NULL);
INSERT INTO items (id, owner_id) VALUES (4, NULL);
INSERT INTO items (id, owner_id) VALUES (5, NULL);
INSERT INTO items (id, owner_id) VALUES (6, NULL);
INSERT INTO items (id, owner_id) VALUES (7, NULL);
INSERT INTO items (id, owner_id) VALUES (8, NULL);
INSERT INTO items (id, owner_id) VALUES (9, NULL);
INSERT INTO items (id, owner_id) VALUES (10, NULL);
INSERT INTO items (id, owner_id) VALUES (11, NULL);
INSERT INTO items (id, owner_id) VALUES (12, NULL);
-- "users": 1 rows
INSERT INTO users (id) VALUES ('12e4567e-89b1-2d3a-4564-26614174000f');
