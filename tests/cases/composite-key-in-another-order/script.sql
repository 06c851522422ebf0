-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   seats: 1 of 3 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of seats: no parent in places (n, s) [delete-rows]
DELETE FROM "seats" AS c WHERE typeof(c."n") <> 'null' AND typeof(c."s") <> 'null' AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."number" = +c."n" AND p."series" = +c."s");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('seats.n,s', (SELECT count(*) FROM "seats" AS c WHERE typeof(c."n") <> 'null' AND typeof(c."s") <> 'null' AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."number" = +c."n" AND p."series" = +c."s")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
