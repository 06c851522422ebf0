-- Roots that refer to themselves where no row has NULL, rows that were moved beneath younger ones, a column that makes no
-- tree, and a tree whose keys are texts.
-- Expected: nothing is found, exit code 0; nothing to repair.
CREATE TABLE folders (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES folders (id));
INSERT INTO folders VALUES (1, 1), (2, 4), (3, 4), (4, 5), (5, 1), (6, 6), (7, 6);
CREATE TABLE people (id INTEGER PRIMARY KEY, spouse_id INTEGER REFERENCES people (id));
INSERT INTO people VALUES (1, 2), (2, 1), (3, NULL);
CREATE TABLE nodes (code TEXT PRIMARY KEY, up TEXT REFERENCES nodes (code));
INSERT INTO nodes VALUES ('m', NULL), ('z', 'm'), ('a', 'z'), ('q', 'a'), ('A', 'q');
