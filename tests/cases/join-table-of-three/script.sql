-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   supplies: 1 of 3 rows deleted, 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "supplies" AS SELECT * FROM main."supplies";
BEGIN;
DROP VIEW temp."supplies";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of supplies: no parent in projects (project_id) [delete-rows, as the schema says]
DELETE FROM "supplies" AS c WHERE c."project_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "projects" AS p WHERE p."id" = +c."project_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of supplies.part_id to NULL: no parent in parts [set-null, the schema is silent]
UPDATE "supplies" AS c SET "part_id" = NULL WHERE c."part_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parts" AS p WHERE p."id" = +c."part_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('supplies.supplier_id', (SELECT count(*) FROM "supplies" AS c WHERE c."supplier_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "suppliers" AS p WHERE p."id" = +c."supplier_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('supplies.part_id', (SELECT count(*) FROM "supplies" AS c WHERE c."part_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parts" AS p WHERE p."id" = +c."part_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('supplies.project_id', (SELECT count(*) FROM "supplies" AS c WHERE c."project_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "projects" AS p WHERE p."id" = +c."project_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."supplies";
