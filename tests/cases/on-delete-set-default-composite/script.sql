-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   seats: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of seats.(s, n) to ('x'), (1): no parent in places [set-default]
UPDATE "seats" AS c SET "s" = ('x'), "n" = (1) WHERE c."s" IS NOT NULL AND c."n" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."s" = +c."s" AND p."n" = +c."n");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('seats.s,n', (SELECT count(*) FROM "seats" AS c WHERE c."s" IS NOT NULL AND c."n" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."s" = +c."s" AND p."n" = +c."n")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   orphan-rows: 1 row of stands (s, n): its DEFAULT ('y'), (1) has no parent in places
