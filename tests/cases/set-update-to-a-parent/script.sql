-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   orders: 1 of 2 rows changed
--   notes: 1 of 2 rows changed
--   seats: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of orders.customer_id to 2: no parent in customers, as you chose [update]
UPDATE "orders" AS c SET "customer_id" = 2 WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");

-- 2. set 1 value of notes.name to 'O''Hara, Ann': no parent in customers, as you chose [update]
UPDATE "notes" AS c SET "name" = 'O''Hara, Ann' WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."name" = +c."name");

-- 3. set 1 value of seats.(s, n) to 'x', 1: no parent in places, as you chose [update]
UPDATE "seats" AS c SET "s" = 'x', "n" = 1 WHERE typeof(c."s") <> 'null' AND typeof(c."n") <> 'null' AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."s" = +c."s" AND p."n" = +c."n");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('orders.customer_id', (SELECT count(*) FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('notes.name', (SELECT count(*) FROM "notes" AS c WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."name" = +c."name")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('seats.s,n', (SELECT count(*) FROM "seats" AS c WHERE typeof(c."s") <> 'null' AND typeof(c."n") <> 'null' AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."s" = +c."s" AND p."n" = +c."n")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
