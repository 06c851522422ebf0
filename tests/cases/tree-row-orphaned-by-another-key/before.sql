-- Folder 2's owner is gone, and folders lie beneath it; in one tree they may stand alone, in the other they may not.
-- Expected: free: folder 2 is deleted, 3 beneath it is detached (a consequence), 4 stays beneath 3. bound: folder 2 is
-- deleted, and 3 and 4 with it (a consequence in a step of its own).
CREATE TABLE owners (id INTEGER PRIMARY KEY);
CREATE TABLE free (
  id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owners (id), parent_id INTEGER REFERENCES free (id)
);
CREATE TABLE bound (
  id INTEGER PRIMARY KEY, owner_id INTEGER NOT NULL REFERENCES owners (id),
  parent_id INTEGER NOT NULL REFERENCES bound (id)
);
INSERT INTO owners VALUES (1);
INSERT INTO free VALUES (1, 1, NULL), (2, 9, 1), (3, 1, 2), (4, 1, 3);
INSERT INTO bound VALUES (1, 1, 1), (2, 9, 1), (3, 1, 2), (4, 1, 3);
