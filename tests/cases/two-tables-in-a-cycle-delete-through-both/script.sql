-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   departments: 1 of 2 rows deleted
--   employees: 2 of 4 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "departments" AS SELECT * FROM main."departments";
CREATE TEMP VIEW IF NOT EXISTS "employees" AS SELECT * FROM main."employees";
BEGIN;
DROP VIEW temp."departments";
DROP VIEW temp."employees";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of departments: no parent in employees (head_id); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set departments.head_id=update:KEY or =keep
DELETE FROM "departments" AS c WHERE c."id" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 1 AS pt, +p."id" COLLATE BINARY AS p0 FROM "departments" AS c JOIN "employees" AS p ON p."id" = +c."head_id" UNION ALL SELECT 1 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "employees" AS c JOIN "departments" AS p ON p."id" = +c."department_id"), doomed(t, k0) AS (SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "departments" AS c WHERE typeof(c."head_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id") UNION SELECT 1 AS t, +c."id" COLLATE BINARY AS k0 FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 0);
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 2 rows of employees: no parent in departments (department_id); 1 of them loses it through this plan [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set employees.department_id=stand-in, =update:KEY or =keep
DELETE FROM "employees" AS c WHERE c."id" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 1 AS pt, +p."id" COLLATE BINARY AS p0 FROM "departments" AS c JOIN "employees" AS p ON p."id" = +c."head_id" UNION ALL SELECT 1 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "employees" AS c JOIN "departments" AS p ON p."id" = +c."department_id"), doomed(t, k0) AS (SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "departments" AS c WHERE typeof(c."head_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id") UNION SELECT 1 AS t, +c."id" COLLATE BINARY AS k0 FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 1);
INSERT INTO temp.sqlfix_done VALUES (2, 2, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('departments.head_id', (SELECT count(*) FROM "departments" AS c WHERE typeof(c."head_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('employees.department_id', (SELECT count(*) FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."departments";
DROP VIEW IF EXISTS temp."employees";
