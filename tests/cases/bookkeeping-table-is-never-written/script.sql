-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   orders: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of orders.app_id to NULL: no parent in apps [set-null]
UPDATE "orders" AS c SET "app_id" = NULL WHERE c."app_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "apps" AS p WHERE p."id" = +c."app_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('orders.app_id', (SELECT count(*) FROM "orders" AS c WHERE c."app_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "apps" AS p WHERE p."id" = +c."app_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   orphan-rows: 1 row of django_migrations (app_id): django_migrations is a framework's own bookkeeping and is never changed
