-- "notes": 1 rows
INSERT INTO notes (id, author_id) VALUES (1, 9);
