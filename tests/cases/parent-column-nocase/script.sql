-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   by_nocase: 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of by_nocase.name to NULL: no parent in a [set-null]
UPDATE "by_nocase" AS c SET "name" = NULL WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."name" = +c."name");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('by_nocase.name', (SELECT count(*) FROM "by_nocase" AS c WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."name" = +c."name")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   orphan-rows: 1 row of by_binary (name): they match a parent but for the spelling of their keys, so neither deleting nor emptying them is right
