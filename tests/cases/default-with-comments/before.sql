-- Comments stand in and behind the DEFAULT of keys; what comes after them in the repair's SQL must not be hidden.
-- Expected: every orphan is set to its default, which is a row of p: 1, -5, 3, 'it''s'; other.p is set to NULL.
CREATE TABLE p(id PRIMARY KEY);
CREATE TABLE c(
  id INTEGER PRIMARY KEY,
  a INT DEFAULT (1 -- the first
) REFERENCES p ON DELETE SET DEFAULT,
  b INT DEFAULT - -- minus
 5 REFERENCES p ON DELETE SET DEFAULT,
  c INT DEFAULT (/* one */ 1 + -- and
  2 /* two */) REFERENCES p ON DELETE SET DEFAULT,
  d TEXT DEFAULT "it's" /* a name */ REFERENCES p ON DELETE SET DEFAULT,
  e INT DEFAULT (NULL -- none
) REFERENCES p ON DELETE SET DEFAULT);
CREATE TABLE other(id INTEGER PRIMARY KEY, p INT REFERENCES p);
INSERT INTO p VALUES(1),(-5),(3),('it''s');
INSERT INTO c VALUES(1,7,1,1,NULL,1),(2,1,7,1,NULL,1),(3,1,1,7,NULL,1),(4,1,1,1,'gone',1),(5,1,1,1,NULL,7);
INSERT INTO other VALUES(1,8);
