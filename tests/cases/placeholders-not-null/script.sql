-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   items: 1 of 4 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of items: no parent in series (series_id) [delete-rows]
DELETE FROM "items" AS c WHERE typeof(c."series_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "series" AS p WHERE p."id" = +c."series_id") AND NOT (CASE typeof(c."series_id") WHEN 'text' THEN upper(trim(c."series_id", char(9, 10, 11, 12, 13, 32, 160))) IN ('', '0', '-1', '\N', 'NULL', '(NULL)', '<NULL>', 'NONE', 'NIL', 'UNDEFINED') OR replace(replace(replace(trim(c."series_id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '') = '00000000000000000000000000000000' WHEN 'blob' THEN hex(c."series_id") IN ('', '00000000000000000000000000000000') WHEN 'null' THEN 0 ELSE c."series_id" IN (0, -1) END);

-- No relationship may have more orphans than are listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (relationship TEXT, orphans INTEGER, expected INTEGER, CONSTRAINT "orphans remain: nothing was changed" CHECK (orphans <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('items.series_id', (SELECT count(*) FROM "items" AS c WHERE typeof(c."series_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "series" AS p WHERE p."id" = +c."series_id")), 2);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   placeholder-values: 2 rows of items (series_id): the value stands for "none", but series_id is NOT NULL
