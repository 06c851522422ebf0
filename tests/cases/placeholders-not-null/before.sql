-- Placeholders in a column that may not be NULL, beside a true orphan; the schema even says CASCADE.
-- Expected: 2 placeholders, left with the reason: they are never deleted by default. 1 orphan, deleted.
CREATE TABLE series (id INTEGER PRIMARY KEY);
CREATE TABLE items (id INTEGER PRIMARY KEY, series_id INTEGER NOT NULL REFERENCES series (id) ON DELETE CASCADE);
INSERT INTO series VALUES (1);
INSERT INTO items VALUES (1, 1), (2, 0), (3, -1), (4, 7);
