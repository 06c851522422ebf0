-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   reviews: 1 of 3 rows deleted
--   notes: 1 of 3 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of notes: no parent in bills (bill_id), as you chose [delete-rows]
DELETE FROM "notes" AS c WHERE c."bill_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "bills" AS p WHERE p."id" = +c."bill_id");

-- 2. delete 1 row of reviews: no parent in orders (order_id), as you chose [delete-rows]
DELETE FROM "reviews" AS c WHERE typeof(c."order_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('reviews.order_id', (SELECT count(*) FROM "reviews" AS c WHERE typeof(c."order_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('notes.bill_id', (SELECT count(*) FROM "notes" AS c WHERE c."bill_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "bills" AS p WHERE p."id" = +c."bill_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   orphan-rows: 1 row of orders (customer_id): it would delete rows of orders to which 1 row refers by reviews.order_id (the schema says SET NULL, but order_id is NOT NULL)
--   orphan-rows: 1 row of bills (customer_id): it would delete rows of bills to which 1 row refers by notes.bill_id (SQLite refuses it: CHECK constraint failed: bill_id IS NOT NULL)
