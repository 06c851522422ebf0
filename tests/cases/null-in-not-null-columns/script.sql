-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   person: 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of person.age to (18): it holds NULL, and is NOT NULL [set-default]
UPDATE "person" AS c SET "age" = (18) WHERE typeof(c."age") = 'null';

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('not-null-violations: person.age', (SELECT count(*) FROM "person" AS c NOT INDEXED WHERE typeof(c."age") = 'null'), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   not-null-violations: 2 rows of person (email): what is to stand there has to be decided
--   not-null-violations: 2 rows of person (seen): what is to stand there has to be decided
--   not-null-violations: 1 row of pair (c): what is to stand there has to be decided
