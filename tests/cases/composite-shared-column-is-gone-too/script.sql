-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   orders: 2 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of orders.tenant_id to NULL: no parent in tenants [set-null]
UPDATE "orders" AS c SET "tenant_id" = NULL WHERE c."tenant_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "tenants" AS p WHERE p."id" = +c."tenant_id");

-- 2. set 1 value of orders.customer_id to NULL: no parent in customers [set-null]
UPDATE "orders" AS c SET "customer_id" = NULL WHERE c."tenant_id" IS NOT NULL AND c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."tenant_id" = +c."tenant_id" AND p."id" = +c."customer_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('orders.tenant_id', (SELECT count(*) FROM "orders" AS c WHERE c."tenant_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "tenants" AS p WHERE p."id" = +c."tenant_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('orders.tenant_id,customer_id', (SELECT count(*) FROM "orders" AS c WHERE c."tenant_id" IS NOT NULL AND c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."tenant_id" = +c."tenant_id" AND p."id" = +c."customer_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
