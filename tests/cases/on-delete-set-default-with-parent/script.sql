-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   tickets: 2 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 2 values of tickets.owner_id to (1): no parent in users [set-default]
UPDATE "tickets" AS c SET "owner_id" = (1) WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."owner_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('tickets.owner_id', (SELECT count(*) FROM "tickets" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."owner_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
