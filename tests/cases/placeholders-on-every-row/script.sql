-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   items: 12 of 12 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 12 values of items.owner_id to NULL: they stand for "none" [set-null]
UPDATE "items" AS c SET "owner_id" = NULL WHERE c."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."owner_id") AND (CASE typeof(c."owner_id") WHEN 'text' THEN upper(trim(c."owner_id", char(9, 10, 11, 12, 13, 32, 160))) IN ('', '0', '-1', '\N', 'NULL', '(NULL)', '<NULL>', 'NONE', 'NIL', 'UNDEFINED') OR replace(replace(replace(trim(c."owner_id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '') = '00000000000000000000000000000000' WHEN 'blob' THEN hex(c."owner_id") IN ('', '00000000000000000000000000000000') WHEN 'null' THEN 0 ELSE c."owner_id" IN (0, -1) END);

-- No relationship may have more orphans than are listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (relationship TEXT, orphans INTEGER, expected INTEGER, CONSTRAINT "orphans remain: nothing was changed" CHECK (orphans <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('items.owner_id', (SELECT count(*) FROM "items" AS c WHERE c."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."owner_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
