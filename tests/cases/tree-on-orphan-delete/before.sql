-- The user wants orphans deleted, also in a tree whose rows could be detached.
-- options: --on-orphan delete
-- Expected: folder 2 goes with 3 and 4 beneath it; 1 and 5 stay.
CREATE TABLE folders (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES folders (id));
INSERT INTO folders VALUES (1, NULL), (2, 99), (3, 2), (4, 3), (5, 1);
