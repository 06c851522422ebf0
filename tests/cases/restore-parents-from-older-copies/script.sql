-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   country: 1 row added to 0
--   customer: 2 rows added to 2
--   orders: 1 of 5 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "customer" AS SELECT * FROM main."customer";
CREATE TEMP VIEW IF NOT EXISTS "country" AS SELECT * FROM main."country";
CREATE TEMP VIEW IF NOT EXISTS "orders" AS SELECT * FROM main."orders";
BEGIN;
DROP VIEW temp."customer";
DROP VIEW temp."country";
DROP VIEW temp."orders";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- orders.customer_id: note the rows that have no parent now. No other row may lose its parent.
DROP TABLE IF EXISTS temp.sqlfix_orphans_0;
CREATE TEMP TABLE sqlfix_orphans_0 AS SELECT +c."id" AS k0 FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customer" AS p WHERE p."id" = +c."customer_id");
CREATE INDEX temp.sqlfix_orphans_0_key ON sqlfix_orphans_0 (k0);

-- 1. add 1 row to customer: from older-1.sql [restore-parents, lossless]
DROP TABLE IF EXISTS temp.sqlfix_donor_1;
CREATE TEMP TABLE sqlfix_donor_1 AS SELECT column1 AS "id", column2 AS "email", column3 AS "country" FROM (VALUES
  (2, 'bob@example.org', NULL)
);
INSERT INTO "customer" ("id", "email", "country") SELECT d."id", d."email", d."country" FROM temp.sqlfix_donor_1 AS d WHERE NOT EXISTS (SELECT 1 FROM "customer" AS p WHERE p."id" = d."id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());
DROP TABLE temp.sqlfix_donor_1;

-- 2. add 1 row to customer: from older-2.sql [restore-parents, lossless]
DROP TABLE IF EXISTS temp.sqlfix_donor_2;
CREATE TEMP TABLE sqlfix_donor_2 AS SELECT column1 AS "id", column2 AS "email", column3 AS "country" FROM (VALUES
  (3, 'cid@example.org', 'fr')
);
INSERT INTO "customer" ("id", "email", "country") SELECT d."id", d."email", d."country" FROM temp.sqlfix_donor_2 AS d WHERE NOT EXISTS (SELECT 1 FROM "customer" AS p WHERE p."id" = d."id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());
DROP TABLE temp.sqlfix_donor_2;

-- 3. add 1 row to country: from older-2.sql; continent_id of 1 row becomes NULL, since it has no parent [restore-parents, lossless]
DROP TABLE IF EXISTS temp.sqlfix_donor_3;
CREATE TEMP TABLE sqlfix_donor_3 AS SELECT column1 AS "code", column2 AS "name", column3 AS "continent_id" FROM (VALUES
  ('fr', 'France', NULL)
);
INSERT INTO "country" ("code", "name", "continent_id") SELECT d."code", d."name", d."continent_id" FROM temp.sqlfix_donor_3 AS d WHERE NOT EXISTS (SELECT 1 FROM "country" AS p WHERE p."code" COLLATE "BINARY" = d."code");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());
DROP TABLE temp.sqlfix_donor_3;

-- 4. delete 1 row of orders: no parent in customer (customer_id) [delete-rows, as the schema says]
DELETE FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customer" AS p WHERE p."id" = +c."customer_id") AND NOT ((+c."customer_id" COLLATE BINARY) IN (VALUES (4)));
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('orders.customer_id', (SELECT count(*) FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customer" AS p WHERE p."id" = +c."customer_id")), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('customer.country', (SELECT count(*) FROM "customer" AS c WHERE c."country" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "country" AS p WHERE p."code" = +c."country")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('country.continent_id', (SELECT count(*) FROM "country" AS c WHERE c."continent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "continent" AS p WHERE p."id" = +c."continent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('orders.customer_id: rows that have lost their parent', (SELECT count(*) FROM "orders" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customer" AS p WHERE p."id" = +c."customer_id") AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_orphans_0 AS b WHERE b.k0 = +c."id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 5 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
DROP TABLE temp.sqlfix_orphans_0;
COMMIT;
DROP VIEW IF EXISTS temp."customer";
DROP VIEW IF EXISTS temp."country";
DROP VIEW IF EXISTS temp."orders";

-- Left unchanged:
--   orphan-rows: 1 row of orders (customer_id): another row has the same email now: older-2.sql has email='dot@example.org', id=4, country='de'; here is email='dot@example.org', id=9, country=NULL
