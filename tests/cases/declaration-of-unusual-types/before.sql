-- Types that no keyword is hidden in, however unusual.
-- Expected: nothing is found, exit code 0; nothing to repair.
CREATE TABLE things (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  a INT UNSIGNED ZEROFILL, b DOUBLE PRECISION, c CHARACTER VARYING (20), d TIMESTAMP WITHOUT TIME ZONE,
  e UNIQUEIDENTIFIER, f LONG VARCHAR, g "Reference", h INTERGER, i NATIVE CHARACTER (70), j DECIMAL (10, 5),
  k BIGINT (20), l MULTIPOLYGON, m REFERENCE, n key, o "set", p NATIONAL VARYING CHARACTER (5) NOT NULL DEFAULT 'x' UNIQUE, q SHORT TEXT
);
