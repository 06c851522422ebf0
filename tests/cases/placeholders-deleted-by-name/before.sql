-- A choice made by name covers the placeholders as well.
-- options: --set items.series_id=delete
-- Expected: the orphan and the placeholder are both deleted.
CREATE TABLE series (id INTEGER PRIMARY KEY);
CREATE TABLE items (id INTEGER PRIMARY KEY, series_id INTEGER NOT NULL REFERENCES series (id));
INSERT INTO series VALUES (1);
INSERT INTO items VALUES (1, 1), (2, 0), (3, 7);
