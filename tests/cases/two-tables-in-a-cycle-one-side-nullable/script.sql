-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   employees: 1 of 4 rows deleted
--   departments: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "employees" AS SELECT * FROM main."employees";
CREATE TEMP VIEW IF NOT EXISTS "departments" AS SELECT * FROM main."departments";
BEGIN;
DROP VIEW temp."employees";
DROP VIEW temp."departments";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of employees: no parent in departments (department_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set employees.department_id=stand-in, =update:KEY or =keep
DELETE FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of departments.head_id to NULL: no parent in employees; follows from the above [set-null, the schema is silent]
UPDATE "departments" AS c SET "head_id" = NULL WHERE c."head_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('departments.head_id', (SELECT count(*) FROM "departments" AS c WHERE c."head_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('employees.department_id', (SELECT count(*) FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."employees";
DROP VIEW IF EXISTS temp."departments";
