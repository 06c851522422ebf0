-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   seats: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of seats.n to NULL: no parent in places [set-null]
UPDATE "seats" AS c SET "n" = NULL WHERE typeof(c."s") <> 'null' AND c."n" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."series" = +c."s" AND p."number" = +c."n");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('seats.s,n', (SELECT count(*) FROM "seats" AS c WHERE typeof(c."s") <> 'null' AND c."n" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."series" = +c."s" AND p."number" = +c."n")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
