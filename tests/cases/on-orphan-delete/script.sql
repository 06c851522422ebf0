-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   a: 1 of 2 rows deleted
--   b: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of a: no parent in customers (customer_id), as you chose [delete-rows]
DELETE FROM "a" AS c WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");

-- 2. delete 1 row of b: no parent in customers (customer_id), as you chose [delete-rows]
DELETE FROM "b" AS c WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('a.customer_id', (SELECT count(*) FROM "a" AS c WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('b.customer_id', (SELECT count(*) FROM "b" AS c WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
