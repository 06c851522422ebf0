-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   orders: 1 of 2 rows deleted
--   lines: 1 of 2 rows deleted
--   reviews: 1 of 2 rows changed
--   parcels: 1 of 2 rows changed
--   gifts: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of orders: no parent in customers (customer_id) [delete-rows]
DELETE FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");

-- 2. delete 1 row of lines: no parent in orders (order_id); follows from the above, as ON DELETE CASCADE says [delete-rows]
DELETE FROM "lines" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");

-- 3. set 1 value of reviews.order_id to NULL: no parent in orders; follows from the above, as ON DELETE SET NULL says [set-null]
UPDATE "reviews" AS c SET "order_id" = NULL WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");

-- 4. set 1 value of parcels.order_id to (1): no parent in orders; follows from the above, as ON DELETE SET DEFAULT says [set-default]
UPDATE "parcels" AS c SET "order_id" = (1) WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");

-- 5. set 1 value of gifts.order_id to NULL: no parent in orders; follows from the above [set-null]
UPDATE "gifts" AS c SET "order_id" = NULL WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('orders.customer_id', (SELECT count(*) FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('lines.order_id', (SELECT count(*) FROM "lines" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('reviews.order_id', (SELECT count(*) FROM "reviews" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('parcels.order_id', (SELECT count(*) FROM "parcels" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('gifts.order_id', (SELECT count(*) FROM "gifts" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
