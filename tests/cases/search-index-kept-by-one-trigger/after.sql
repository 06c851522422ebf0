-- "notes": 1 rows
INSERT INTO notes (id, owner_id, body) VALUES (1, 1, 'one');
-- "owners": 1 rows
INSERT INTO owners (id) VALUES (1);
-- "search": 1 rows
INSERT INTO search (body) VALUES ('one');
