-- The same tree with a NOT NULL key, where roots refer to themselves. Files lie in the folders.
-- Expected: 1 orphan, folder 2; it goes with 3, 4 and 6 beneath it (4 rows), and then the 2 files in them go as well
-- (a consequence). Folders 1 and 5 and file 1 stay.
CREATE TABLE folders (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES folders (id), name TEXT);
CREATE TABLE files (id INTEGER PRIMARY KEY, folder_id INTEGER NOT NULL REFERENCES folders (id));
INSERT INTO folders VALUES
  (1, 1, 'root'), (2, 99, 'lost'), (3, 2, 'below'), (4, 3, 'deeper'), (5, 1, 'sound'), (6, 2, 'sibling');
INSERT INTO files VALUES (1, 5), (2, 4), (3, 6);
