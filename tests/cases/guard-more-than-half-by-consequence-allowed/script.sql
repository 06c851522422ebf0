-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   orders: 1 of 2 rows deleted
--   lines: 60 of 100 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of orders: no parent in customers (customer_id) [delete-rows]
DELETE FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");

-- 2. delete 60 rows of lines: no parent in orders (order_id); follows from the above, as ON DELETE CASCADE says [delete-rows]
DELETE FROM "lines" AS c WHERE typeof(c."order_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('orders.customer_id', (SELECT count(*) FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('lines.order_id', (SELECT count(*) FROM "lines" AS c WHERE typeof(c."order_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
