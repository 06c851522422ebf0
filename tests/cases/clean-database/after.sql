-- "cars": 2 rows
INSERT INTO cars (id, owner_id) VALUES (1, 1);
INSERT INTO cars (id, owner_id) VALUES (2, NULL);
-- "people": 2 rows
INSERT INTO people (id, boss_id) VALUES (1, 1);
INSERT INTO people (id, boss_id) VALUES (2, 1);
