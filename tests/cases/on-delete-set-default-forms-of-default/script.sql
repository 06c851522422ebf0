-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   things: 4 of 4 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "things" AS SELECT * FROM main."things";
BEGIN;
DROP VIEW temp."things";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. set 1 value of things.a to 'spare': no parent in kinds [set-default, as the schema says]
UPDATE "things" AS c SET "a" = 'spare' WHERE c."a" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."a");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of things.b to 'last resort': no parent in kinds [set-default, as the schema says]
UPDATE "things" AS c SET "b" = 'last resort' WHERE c."b" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."b");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. set 1 value of things.c to ('a' || 'b'): no parent in kinds [set-default, as the schema says]
UPDATE "things" AS c SET "c" = ('a' || 'b') WHERE c."c" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."c");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- 4. set 1 value of things.d to (-5): no parent in kinds [set-default, as the schema says]
UPDATE "things" AS c SET "d" = (-5) WHERE c."d" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."d");
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('things.a', (SELECT count(*) FROM "things" AS c WHERE c."a" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."a")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('things.b', (SELECT count(*) FROM "things" AS c WHERE c."b" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."b")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('things.c', (SELECT count(*) FROM "things" AS c WHERE c."c" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."c")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('things.d', (SELECT count(*) FROM "things" AS c WHERE c."d" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."d")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 5 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."things";
