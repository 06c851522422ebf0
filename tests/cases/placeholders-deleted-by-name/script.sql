-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   items: 2 of 3 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 2 rows of items: no parent in series (series_id), as you chose [delete-rows]
DELETE FROM "items" AS c WHERE typeof(c."series_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "series" AS p WHERE p."id" = +c."series_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('items.series_id', (SELECT count(*) FROM "items" AS c WHERE typeof(c."series_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "series" AS p WHERE p."id" = +c."series_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
