-- RESTRICT says only that the parent must not go; what becomes of the child is not said.
-- Expected: 1 orphan each; the loan (NOT NULL) is deleted, the visit (nullable) is kept with a NULL.
CREATE TABLE members (id INTEGER PRIMARY KEY);
CREATE TABLE loans (id INTEGER PRIMARY KEY, member_id INTEGER NOT NULL REFERENCES members (id) ON DELETE RESTRICT);
CREATE TABLE visits (id INTEGER PRIMARY KEY, member_id INTEGER REFERENCES members (id) ON DELETE RESTRICT);
INSERT INTO members VALUES (1);
INSERT INTO loans VALUES (1, 1), (2, 4);
INSERT INTO visits VALUES (1, 1), (2, 4);
