-- Of four rows of ticket that change, one loses both its author and its editor, and one its author and its batch.
-- Expected: three columns are emptied in six places, and four rows are said to change.
CREATE TABLE person (id INTEGER PRIMARY KEY);
CREATE TABLE batch (id INTEGER PRIMARY KEY, owner INTEGER NOT NULL REFERENCES person ON DELETE CASCADE);
CREATE TABLE ticket (
  id INTEGER PRIMARY KEY, author INTEGER REFERENCES person, editor INTEGER REFERENCES person,
  batch INTEGER REFERENCES batch
);
INSERT INTO person VALUES (1);
INSERT INTO batch VALUES (1, 1), (2, 9);
INSERT INTO ticket VALUES (1, 7, 8, 1), (2, 8, 1, 2), (3, 1, 9, 1), (4, 1, 1, 1), (5, 1, 1, 2);
