-- A tree that says SET NULL, and the user wants orphans deleted: SQLite would set free what stands beneath.
-- options: --on-orphan delete
-- Expected: folder 2 is deleted; 3 beneath it is set free and keeps 4. Folder 6 has no owner and goes; 7 is set free.
CREATE TABLE owners (id INTEGER PRIMARY KEY);
CREATE TABLE folders (
  id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owners (id),
  parent_id INTEGER REFERENCES folders (id) ON DELETE SET NULL
);
INSERT INTO owners VALUES (1);
INSERT INTO folders VALUES (1, 1, NULL), (2, 1, 99), (3, 1, 2), (4, 1, 3), (5, 1, 1), (6, 9, 1), (7, 1, 6);
