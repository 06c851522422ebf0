-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   bookings: 2 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 2 values of bookings.room_id to NULL: no parent in rooms [set-null]
UPDATE "bookings" AS c SET "room_id" = NULL WHERE c."room_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "rooms" AS p WHERE p."id" = +c."room_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('bookings.room_id', (SELECT count(*) FROM "bookings" AS c WHERE c."room_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "rooms" AS p WHERE p."id" = +c."room_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
