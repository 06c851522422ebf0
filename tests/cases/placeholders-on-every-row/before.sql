-- All rows hold the zero GUID, as a faulty migration wrote it: no parent was ever lost.
-- Expected: 12 placeholders and no orphan; no guard holds them back, since nothing is lost by emptying them.
CREATE TABLE users (id TEXT PRIMARY KEY);
CREATE TABLE items (id INTEGER PRIMARY KEY, owner_id TEXT REFERENCES users (id) ON DELETE CASCADE);
INSERT INTO users VALUES ('12e4567e-89b1-2d3a-4564-26614174000f');
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 12)
INSERT INTO items SELECT i, '00000000-0000-0000-0000-000000000000' FROM n;
