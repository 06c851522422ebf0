-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   orders: 1 of 2 rows changed
--   notes: 1 of 2 rows changed
--   seats: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "orders" AS SELECT * FROM main."orders";
CREATE TEMP VIEW IF NOT EXISTS "notes" AS SELECT * FROM main."notes";
CREATE TEMP VIEW IF NOT EXISTS "seats" AS SELECT * FROM main."seats";
BEGIN;
DROP VIEW temp."orders";
DROP VIEW temp."notes";
DROP VIEW temp."seats";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. set 1 value of orders.customer_id to 2: no parent in customers, as you chose [update]
UPDATE "orders" AS c SET "customer_id" = 2 WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of notes.name to 'O''Hara, Ann': no parent in customers, as you chose [update]
UPDATE "notes" AS c SET "name" = 'O''Hara, Ann' WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."name" = +c."name");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. set 1 value of seats.(s, n) to 'x', 1: no parent in places, as you chose [update]
UPDATE "seats" AS c SET "s" = 'x', "n" = 1 WHERE typeof(c."s") <> 'null' AND typeof(c."n") <> 'null' AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."s" = +c."s" AND p."n" = +c."n");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('orders.customer_id', (SELECT count(*) FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('notes.name', (SELECT count(*) FROM "notes" AS c WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."name" = +c."name")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('seats.s,n', (SELECT count(*) FROM "seats" AS c WHERE typeof(c."s") <> 'null' AND typeof(c."n") <> 'null' AND NOT EXISTS (SELECT 1 FROM "places" AS p WHERE p."s" = +c."s" AND p."n" = +c."n")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."orders";
DROP VIEW IF EXISTS temp."notes";
DROP VIEW IF EXISTS temp."seats";
