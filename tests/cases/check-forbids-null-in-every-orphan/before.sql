-- A browser's bookmarks: a bookmark needs its place, a folder has none, and only the root has no parent. The places of two
-- bookmarks are gone, and the folder of a third. Every one of these rows breaks a CHECK with a NULL in its key; so they go
-- as they would if the key were declared NOT NULL. A placeholder stands for "none" and is never deleted.
-- Expected: 3 bookmarks deleted, and the one with the placeholder left.
CREATE TABLE places (id INTEGER PRIMARY KEY);
CREATE TABLE bookmarks (
  id INTEGER PRIMARY KEY, kind INTEGER NOT NULL, place_id INTEGER REFERENCES places (id) ON DELETE RESTRICT,
  parent INTEGER REFERENCES bookmarks (id) ON DELETE CASCADE, guid TEXT NOT NULL,
  CHECK ((kind == 1 AND place_id IS NOT NULL) OR (kind > 1 AND place_id IS NULL))
  CHECK (guid == "root________" OR parent IS NOT NULL)
);
INSERT INTO places VALUES (1), (2), (3);
INSERT INTO bookmarks VALUES
  (1, 2, NULL, NULL, 'root________'), (2, 2, NULL, 1, 'menu'), (3, 1, 1, 2, 'a'), (4, 1, 2, 2, 'b'), (5, 1, 8, 2, 'c'),
  (6, 1, 9, 1, 'd'), (7, 1, 3, 77, 'e'), (8, 1, 0, 1, 'f'), (9, 1, 3, 1, 'g');
