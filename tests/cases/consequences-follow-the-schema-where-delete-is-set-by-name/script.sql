-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   reviews: 1 of 3 rows deleted, 1 of 3 rows changed
--   orders: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of reviews: no parent in orders (order_id), as you chose [delete-rows]
DELETE FROM "reviews" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");

-- 2. delete 1 row of orders: no parent in customers (customer_id) [delete-rows]
DELETE FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");

-- 3. set 1 value of reviews.order_id to NULL: no parent in orders; follows from the above, as ON DELETE SET NULL says [set-null]
UPDATE "reviews" AS c SET "order_id" = NULL WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('orders.customer_id', (SELECT count(*) FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('reviews.order_id', (SELECT count(*) FROM "reviews" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
