-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   orders: 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of orders.customer_id to NULL: they stand for "none" [set-null]
UPDATE "orders" AS c SET "customer_id" = NULL WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id") AND (CASE typeof(c."customer_id") WHEN 'text' THEN upper(trim(c."customer_id", char(9, 10, 11, 12, 13, 32, 160))) IN ('', '0', '-1', '\N', 'NULL', '(NULL)', '<NULL>', 'NONE', 'NIL', 'UNDEFINED') OR replace(replace(replace(trim(c."customer_id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '') = '00000000000000000000000000000000' WHEN 'blob' THEN hex(c."customer_id") IN ('', '00000000000000000000000000000000') WHEN 'null' THEN 0 ELSE c."customer_id" IN (0, -1) END);

-- No relationship may have more orphans than are listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (relationship TEXT, orphans INTEGER, expected INTEGER, CONSTRAINT "orphans remain: nothing was changed" CHECK (orphans <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('orders.customer_id', (SELECT count(*) FROM "orders" AS c WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 1);
DROP TABLE temp.sqlfix_check;
COMMIT;
