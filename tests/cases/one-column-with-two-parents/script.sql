-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   things: 3 of 4 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 2 values of things.owner_id to NULL: no parent in people [set-null]
UPDATE "things" AS c SET "owner_id" = NULL WHERE c."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."owner_id");

-- 2. set 1 value of things.owner_id to NULL: no parent in companies [set-null]
UPDATE "things" AS c SET "owner_id" = NULL WHERE c."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "companies" AS p WHERE p."id" = +c."owner_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('things.owner_id', (SELECT count(*) FROM "things" AS c WHERE c."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."owner_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('things.owner_id', (SELECT count(*) FROM "things" AS c WHERE c."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "companies" AS p WHERE p."id" = +c."owner_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
