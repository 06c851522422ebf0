-- A tree whose roots have 0 for a parent, in a NOT NULL column: a placeholder. Folder 4 hangs on a folder that is gone.
-- Expected: 2 placeholders, left; they keep what is beneath them. 1 orphan, folder 4, deleted with 5 beneath it.
CREATE TABLE folders (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL DEFAULT 0 REFERENCES folders (id));
INSERT INTO folders VALUES (1, 0), (2, 1), (3, 0), (4, 99), (5, 4), (6, 2);
