-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   c: 2 of 3 rows changed
--   last: +1 rows by the file's own triggers
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 2 values of c.p to NULL: no parent in p [set-null]
UPDATE "c" AS c SET "p" = NULL WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('c.p', (SELECT count(*) FROM "c" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
