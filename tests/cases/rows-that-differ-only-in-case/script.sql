-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   by_case: 1 of 2 rows changed
--   by_spaces: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of by_case.up to NULL: no parent in parents [set-null]
UPDATE "by_case" AS c SET "up" = NULL WHERE c."up" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."up");

-- 2. set 1 value of by_spaces.up to NULL: no parent in parents [set-null]
UPDATE "by_spaces" AS c SET "up" = NULL WHERE c."up" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."up");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('by_case.up', (SELECT count(*) FROM "by_case" AS c WHERE c."up" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."up")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('by_spaces.up', (SELECT count(*) FROM "by_spaces" AS c WHERE c."up" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."up")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
