-- A comment stands at the end of every expression that a schema can hold: CHECK, computed column, index, part of an
-- index, DEFAULT of a NOT NULL column, and in a declared type.
-- Expected: the orphans are repaired, the NULL gets its DEFAULT; the broken CHECK, the long value and the duplicate are
-- found, and are left.
-- integrity: skip
CREATE TABLE p(id INTEGER PRIMARY KEY);
CREATE TABLE c(
  id INTEGER PRIMARY KEY,
  p INT REFERENCES p,
  n INT NOT NULL DEFAULT (0 -- none
  ),
  g AS (n + 1 -- computed
  ),
  t VARCHAR(-- short
  3 /* letters */),
  CONSTRAINT few CHECK (n < 9 -- not many
  ));
CREATE UNIQUE INDEX i ON c(lower(t -- in any case
)DESC) WHERE t > '' -- no empty ones
;
INSERT INTO p VALUES(1);
PRAGMA ignore_check_constraints = ON;
INSERT INTO c(id, p, n, t) VALUES(1,1,1,'a'),(2,8,10,'b'),(3,1,2,'long'),(4,1,3,'y');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'n INT NOT NULL', 'n INT') WHERE name = 'c';
UPDATE sqlite_schema SET sql = replace(sql, 't > ''''', 't > ''z''') WHERE name = 'i';
PRAGMA writable_schema = RESET;
UPDATE c SET n = NULL WHERE id = 3;
INSERT INTO c(id, p, n, t) VALUES(5,1,3,'Y');
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'n INT', 'n INT NOT NULL') WHERE name = 'c';
UPDATE sqlite_schema SET sql = replace(sql, 't > ''z''', 't > ''''') WHERE name = 'i';
PRAGMA writable_schema = RESET;
