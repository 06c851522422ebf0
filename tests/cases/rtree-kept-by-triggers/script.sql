-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   places: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of places: no parent in towns (town_id) [delete-rows]
DELETE FROM "places" AS c WHERE typeof(c."town_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "towns" AS p WHERE p."id" = +c."town_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('places.town_id', (SELECT count(*) FROM "places" AS c WHERE typeof(c."town_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "towns" AS p WHERE p."id" = +c."town_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
