-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   notes: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of notes.customer_id to NULL: no parent in customers, as you chose [set-null]
UPDATE "notes" AS c SET "customer_id" = NULL WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('notes.customer_id', (SELECT count(*) FROM "notes" AS c WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   orphan-rows: 1 row of orders (customer_id): kept, as you chose
