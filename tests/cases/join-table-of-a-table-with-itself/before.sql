-- Friends: both sides of the join table are the same table, as Django makes it for a ManyToManyField to "self".
-- Expected: a join table of people with people; link rows 2 and 3 are deleted, no person is.
CREATE TABLE net_person (id integer NOT NULL PRIMARY KEY AUTOINCREMENT, name varchar(50) NOT NULL);
CREATE TABLE net_person_friends (
  id integer NOT NULL PRIMARY KEY AUTOINCREMENT,
  from_person_id bigint NOT NULL REFERENCES net_person (id) DEFERRABLE INITIALLY DEFERRED,
  to_person_id bigint NOT NULL REFERENCES net_person (id) DEFERRABLE INITIALLY DEFERRED,
  UNIQUE (from_person_id, to_person_id)
);
INSERT INTO net_person VALUES (1, 'Ann'), (2, 'Ben');
INSERT INTO net_person_friends VALUES (1, 1, 2), (2, 2, 3), (3, 3, 2), (4, 2, 1);
