-- Every person has a mother and a guardian. 4 and 5 are one another's guardian; 4's mother is gone.
-- Expected: 1 orphan (4). Deleting it takes its guardian's ward 5 as well, and 6, whose mother is 5: 3 rows of people
-- go. 1, 2 and 3 stay.
CREATE TABLE people (
  id INTEGER PRIMARY KEY,
  mother_id INTEGER NOT NULL REFERENCES people (id),
  guardian_id INTEGER NOT NULL REFERENCES people (id)
);
INSERT INTO people VALUES (1, 1, 1), (2, 1, 1), (3, 2, 1), (4, 50, 5), (5, 1, 4), (6, 5, 1);
