-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   seats: 2 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 2 values of seats.(floor, number) to NULL: no parent in places [set-null]
UPDATE "seats" AS c SET "floor" = NULL, "number" = NULL WHERE c."floor" IS NOT NULL AND c."number" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."floor" = +c."floor" AND p."number" = +c."number");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('seats.floor,number', (SELECT count(*) FROM "seats" AS c WHERE c."floor" IS NOT NULL AND c."number" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."floor" = +c."floor" AND p."number" = +c."number")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
