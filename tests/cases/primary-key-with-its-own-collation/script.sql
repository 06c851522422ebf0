-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   implicit: 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of implicit.name to NULL: no parent in people [set-null]
UPDATE "implicit" AS c SET "name" = NULL WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."name" COLLATE "NOCASE" = +c."name");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('implicit.name', (SELECT count(*) FROM "implicit" AS c WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."name" COLLATE "NOCASE" = +c."name")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   parent-key-not-unique: explicit (name): the schema is at fault, not the rows; it has to be mended first
