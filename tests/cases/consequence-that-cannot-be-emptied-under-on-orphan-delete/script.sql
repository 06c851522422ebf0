-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   reviews: 1 of 3 rows deleted
--   notes: 1 of 3 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "notes" AS SELECT * FROM main."notes";
CREATE TEMP VIEW IF NOT EXISTS "reviews" AS SELECT * FROM main."reviews";
BEGIN;
DROP VIEW temp."notes";
DROP VIEW temp."reviews";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of notes: no parent in bills (bill_id), as you chose [delete-rows]
DELETE FROM "notes" AS c WHERE c."bill_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "bills" AS p WHERE p."id" = +c."bill_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of reviews: no parent in orders (order_id), as you chose [delete-rows]
DELETE FROM "reviews" AS c WHERE typeof(c."order_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('reviews.order_id', (SELECT count(*) FROM "reviews" AS c WHERE typeof(c."order_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('notes.bill_id', (SELECT count(*) FROM "notes" AS c WHERE c."bill_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "bills" AS p WHERE p."id" = +c."bill_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."notes";
DROP VIEW IF EXISTS temp."reviews";

-- Left unchanged:
--   orphan-rows: 1 row of orders (customer_id): it would delete rows of orders that 1 row references by reviews.order_id (the schema says SET NULL, but order_id is NOT NULL)
--   orphan-rows: 1 row of bills (customer_id): it would delete rows of bills that 1 row references by notes.bill_id (SQLite refuses it: CHECK constraint failed: bill_id IS NOT NULL)
