-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   reviews: 1 of 3 rows deleted, 1 of 3 rows changed
--   orders: 1 of 2 rows deleted
--   lines: 2 of 3 rows deleted
--   votes: 1 of 3 rows deleted
--   gifts: 1 of 2 rows deleted
--   parcels: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "reviews" AS SELECT * FROM main."reviews";
CREATE TEMP VIEW IF NOT EXISTS "orders" AS SELECT * FROM main."orders";
CREATE TEMP VIEW IF NOT EXISTS "lines" AS SELECT * FROM main."lines";
CREATE TEMP VIEW IF NOT EXISTS "votes" AS SELECT * FROM main."votes";
CREATE TEMP VIEW IF NOT EXISTS "gifts" AS SELECT * FROM main."gifts";
CREATE TEMP VIEW IF NOT EXISTS "parcels" AS SELECT * FROM main."parcels";
BEGIN;
DROP VIEW temp."reviews";
DROP VIEW temp."orders";
DROP VIEW temp."lines";
DROP VIEW temp."votes";
DROP VIEW temp."gifts";
DROP VIEW temp."parcels";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of reviews: no parent in orders (order_id), as you chose [delete-rows]
DELETE FROM "reviews" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of orders: no parent in customers (customer_id), as you chose [delete-rows]
DELETE FROM "orders" AS c WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. delete 2 rows of lines: no parent in orders (order_id), as you chose; 1 of them loses it through this plan, as ON DELETE CASCADE says [delete-rows]
DELETE FROM "lines" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");
INSERT INTO temp.sqlfix_done VALUES (3, 2, changes());

-- 4. delete 1 row of votes: no parent in reviews (review_id); follows from the above, as ON DELETE CASCADE says [delete-rows]
DELETE FROM "votes" AS c WHERE typeof(c."review_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "reviews" AS p WHERE p."id" = +c."review_id");
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- 5. delete 1 row of gifts: no parent in orders (order_id); follows from the above, as you chose [delete-rows]
DELETE FROM "gifts" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");
INSERT INTO temp.sqlfix_done VALUES (5, 1, changes());

-- 6. set 1 value of reviews.order_id to NULL: no parent in orders; follows from the above, as ON DELETE SET NULL says [set-null]
UPDATE "reviews" AS c SET "order_id" = NULL WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");
INSERT INTO temp.sqlfix_done VALUES (6, 1, changes());

-- 7. set 1 value of parcels.order_id to (1): no parent in orders; follows from the above, as ON DELETE SET DEFAULT says [set-default]
UPDATE "parcels" AS c SET "order_id" = (1) WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id");
INSERT INTO temp.sqlfix_done VALUES (7, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('orders.customer_id', (SELECT count(*) FROM "orders" AS c WHERE c."customer_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('lines.order_id', (SELECT count(*) FROM "lines" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('reviews.order_id', (SELECT count(*) FROM "reviews" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('votes.review_id', (SELECT count(*) FROM "votes" AS c WHERE typeof(c."review_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "reviews" AS p WHERE p."id" = +c."review_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('parcels.order_id', (SELECT count(*) FROM "parcels" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('gifts.order_id', (SELECT count(*) FROM "gifts" AS c WHERE c."order_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "orders" AS p WHERE p."id" = +c."order_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 7 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."reviews";
DROP VIEW IF EXISTS temp."orders";
DROP VIEW IF EXISTS temp."lines";
DROP VIEW IF EXISTS temp."votes";
DROP VIEW IF EXISTS temp."gifts";
DROP VIEW IF EXISTS temp."parcels";
