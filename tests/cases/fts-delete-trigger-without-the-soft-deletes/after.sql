-- "atoms": 2 rows
INSERT INTO atoms (id, title, body, deleted_at) VALUES (4, 'delta', 'never indexed body', '2026-02-02');
INSERT INTO atoms (id, title, body, deleted_at) VALUES (5, 'eps', 'five', '2026-02-02');
-- "fts_atoms": 2 rows
INSERT INTO fts_atoms (title, body) VALUES ('delta', 'never indexed body');
INSERT INTO fts_atoms (title, body) VALUES ('eps', 'five');
