-- A tree of folders, ON DELETE CASCADE and nullable: folder 2 hangs on folder 99, which is gone, and has rows beneath.
-- Expected: 1 orphan. It is detached (parent NULL) instead of deleted, so 3 and 4 beneath it stay as they are.
CREATE TABLE folders (
  id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES folders (id) ON DELETE CASCADE, name TEXT
);
INSERT INTO folders VALUES (1, NULL, 'root'), (2, 99, 'lost'), (3, 2, 'below'), (4, 3, 'deeper'), (5, 1, 'sound');
