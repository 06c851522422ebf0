-- The ON CONFLICT REPLACE of the key is broken up by a comment: setting the orphan to the default 1 would delete row 1.
-- Words that only look like such a clause, in the second table, are none.
-- Expected: the orphan of c is left, for it collides; the one of d is set to its default.
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(id INTEGER PRIMARY KEY, p INT DEFAULT 1 UNIQUE ON/* */CONFLICT REPLACE REFERENCES p ON DELETE SET DEFAULT, v);
CREATE TABLE d(id INTEGER PRIMARY KEY, p INT DEFAULT 1 REFERENCES p ON DELETE SET DEFAULT,
  "on conflict replace" DEFAULT 'on conflict replace' -- on conflict replace
);
INSERT INTO p VALUES(1),(2);
INSERT INTO c VALUES(1,1,'sound'),(2,99,'orphan');
INSERT INTO d VALUES(1,1,'sound'),(2,99,'orphan');
