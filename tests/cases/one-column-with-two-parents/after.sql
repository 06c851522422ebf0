-- "companies": 2 rows
INSERT INTO companies (id) VALUES (1);
INSERT INTO companies (id) VALUES (2);
-- "people": 2 rows
INSERT INTO people (id) VALUES (1);
INSERT INTO people (id) VALUES (3);
-- "things": 4 rows
INSERT INTO things (id, owner_id) VALUES (1, 1);
INSERT INTO things (id, owner_id) VALUES (2, NULL);
INSERT INTO things (id, owner_id) VALUES (3, NULL);
INSERT INTO things (id, owner_id) VALUES (4, NULL);
