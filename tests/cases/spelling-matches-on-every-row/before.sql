-- An upgrade wrote all keys in capitals: every row is an orphan, and every one finds its parent but for the case.
-- Expected: 12 orphans, all of them spelling matches; all are relinked.
CREATE TABLE users (id TEXT PRIMARY KEY);
CREATE TABLE items (id INTEGER PRIMARY KEY, owner_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
INSERT INTO users VALUES ('12e4567e-89b1-2d3a-4564-26614174000f'), ('22e4567e-89b1-2d3a-4564-26614174000f');
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
INSERT INTO items SELECT i, upper(id) FROM n JOIN users ON users.id GLOB (1 + i % 2) || '*';
