-- A row that refers to itself has a parent: itself. A ring of rows has parents as well.
-- Expected: only folder 6, whose parent is gone, is an orphan, and goes. The ring 2-3-4 and the roots stay.
CREATE TABLE folders (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES folders (id));
INSERT INTO folders VALUES (1, 1), (2, 4), (3, 2), (4, 3), (5, 5), (6, 77);
