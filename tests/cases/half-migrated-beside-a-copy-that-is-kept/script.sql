-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   orders: 1 of 2 rows deleted
--   lines: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "orders" AS SELECT * FROM main."orders";
CREATE TEMP VIEW IF NOT EXISTS "lines" AS SELECT * FROM main."lines";
BEGIN;
DROP VIEW temp."orders";
DROP VIEW temp."lines";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- notes.order_id: note the rows that have no parent now. No other row may lose its parent.
DROP TABLE IF EXISTS temp.sqlfix_orphans_2;
CREATE TEMP TABLE sqlfix_orphans_2 AS SELECT +c."id" AS k0 FROM "notes" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");
CREATE INDEX temp.sqlfix_orphans_2_key ON sqlfix_orphans_2 (k0);

-- 1. delete 1 row of orders: no parent in customers (customer_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set orders.customer_id=stand-in, =update:KEY or =keep
DELETE FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of lines: no parent in orders (order_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set lines.order_id=stand-in, =update:KEY or =keep
DELETE FROM "lines" AS c WHERE typeof(c."order_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('orders.customer_id', (SELECT count(*) FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('lines.order_id', (SELECT count(*) FROM "lines" AS c WHERE typeof(c."order_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('notes.order_id', (SELECT count(*) FROM "notes" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('notes.order_id: rows that have lost their parent', (SELECT count(*) FROM "notes" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id") AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_orphans_2 AS b WHERE b.k0 = +c."id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 5 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
DROP TABLE temp.sqlfix_orphans_2;
COMMIT;
DROP VIEW IF EXISTS temp."orders";
DROP VIEW IF EXISTS temp."lines";

-- Left unchanged:
--   orphan-rows: 1 row of notes (order_id): some of their parents are only in orders_backup
--   unfinished-migration: 1 row of notes (order_id): their parents are only in orders_backup; bring them back first
