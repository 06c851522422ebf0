-- --on-orphan delete speaks of orphans; a placeholder lost no parent and is not deleted by it.
-- options: --on-orphan delete
-- Expected: the orphan (item 3) is deleted, the placeholder (item 2) becomes NULL.
CREATE TABLE series (id INTEGER PRIMARY KEY);
CREATE TABLE items (id INTEGER PRIMARY KEY, series_id INTEGER REFERENCES series (id));
INSERT INTO series VALUES (1);
INSERT INTO items VALUES (1, 1), (2, 0), (3, 7);
