-- Groups of groups: 3, 4 and 5 contain each other in a ring, 1 contains itself, and other groups hang above and beneath
-- the ring; friends go round on purpose.
-- Expected: cycles for group_group, 4 links (3 to 4, 4 to 5, 5 to 3, and 1 to itself), a warning; none for friends. A
-- repair has nothing to do with it.
CREATE TABLE groups (id INTEGER PRIMARY KEY, name TEXT);
INSERT INTO groups VALUES (1, 'all'), (2, 'staff'), (3, 'a'), (4, 'b'), (5, 'c'), (6, 'd'), (7, 'e');
CREATE TABLE group_group (
  parent_group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  child_group_id INTEGER NOT NULL REFERENCES groups (id) ON DELETE CASCADE,
  PRIMARY KEY (parent_group_id, child_group_id)
) WITHOUT ROWID;
INSERT INTO group_group VALUES (1, 1), (1, 2), (2, 3), (3, 4), (4, 5), (5, 3), (5, 6), (4, 7), (6, 7);
CREATE TABLE friends (
  parent_group_id INTEGER NOT NULL REFERENCES groups (id), child_group_id INTEGER NOT NULL REFERENCES groups (id),
  PRIMARY KEY (parent_group_id, child_group_id)
);
INSERT INTO friends VALUES (1, 2), (2, 3), (3, 1);
