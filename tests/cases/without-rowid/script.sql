-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   rooms: 1 of 2 rows deleted
--   chairs: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of rooms: no parent in houses (house) [delete-rows]
DELETE FROM "rooms" AS c WHERE typeof(c."house") <> 'null' AND NOT EXISTS (SELECT 1 FROM "houses" AS p WHERE p."name" = +c."house");

-- 2. delete 1 row of chairs: no parent in rooms (house, number); follows from the above [delete-rows]
DELETE FROM "chairs" AS c WHERE typeof(c."house") <> 'null' AND typeof(c."number") <> 'null' AND NOT EXISTS (SELECT 1 FROM "rooms" AS p WHERE p."house" = +c."house" AND p."number" = +c."number");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('rooms.house', (SELECT count(*) FROM "rooms" AS c WHERE typeof(c."house") <> 'null' AND NOT EXISTS (SELECT 1 FROM "houses" AS p WHERE p."name" = +c."house")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('chairs.house,number', (SELECT count(*) FROM "chairs" AS c WHERE typeof(c."house") <> 'null' AND typeof(c."number") <> 'null' AND NOT EXISTS (SELECT 1 FROM "rooms" AS p WHERE p."house" = +c."house" AND p."number" = +c."number")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
