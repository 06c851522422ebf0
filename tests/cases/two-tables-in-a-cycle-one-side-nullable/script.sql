-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   employees: 1 of 4 rows deleted
--   departments: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of employees: no parent in departments (department_id) [delete-rows]
DELETE FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id");

-- 2. set 1 value of departments.head_id to NULL: no parent in employees; follows from the above [set-null]
UPDATE "departments" AS c SET "head_id" = NULL WHERE c."head_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('departments.head_id', (SELECT count(*) FROM "departments" AS c WHERE c."head_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('employees.department_id', (SELECT count(*) FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
