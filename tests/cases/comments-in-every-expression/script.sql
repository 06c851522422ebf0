-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   c: 2 of 5 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of c.p to NULL: no parent in p [set-null]
UPDATE "c" AS c SET "p" = NULL WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p");

-- 2. set 1 value of c.n to (0): it holds NULL, and is NOT NULL [set-default]
UPDATE "c" AS c SET "n" = (0) WHERE typeof(c."n") = 'null';

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('c.p', (SELECT count(*) FROM "c" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('not-null-violations: c.n', (SELECT count(*) FROM "c" AS c NOT INDEXED WHERE typeof(c."n") = 'null'), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   check-violations: 1 row of c (n): what is to stand there has to be decided
--   duplicate-keys: 2 rows of c: repair does not mend this
