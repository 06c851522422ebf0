-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   departments: 1 of 2 rows deleted
--   employees: 2 of 4 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of departments: no parent in employees (head_id); follows from the above [delete-rows]
DELETE FROM "departments" AS c WHERE c."id" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 1 AS pt, +p."id" COLLATE BINARY AS p0 FROM "departments" AS c JOIN "employees" AS p ON p."id" = +c."head_id" UNION ALL SELECT 1 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "employees" AS c JOIN "departments" AS p ON p."id" = +c."department_id"), doomed(t, k0) AS (SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "departments" AS c WHERE typeof(c."head_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id") UNION SELECT 1 AS t, +c."id" COLLATE BINARY AS k0 FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 0);

-- 2. delete 2 rows of employees: no parent in departments (department_id); 1 of them loses it by this plan [delete-rows]
DELETE FROM "employees" AS c WHERE c."id" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 1 AS pt, +p."id" COLLATE BINARY AS p0 FROM "departments" AS c JOIN "employees" AS p ON p."id" = +c."head_id" UNION ALL SELECT 1 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "employees" AS c JOIN "departments" AS p ON p."id" = +c."department_id"), doomed(t, k0) AS (SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "departments" AS c WHERE typeof(c."head_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id") UNION SELECT 1 AS t, +c."id" COLLATE BINARY AS k0 FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 1);

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('departments.head_id', (SELECT count(*) FROM "departments" AS c WHERE typeof(c."head_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "employees" AS p WHERE p."id" = +c."head_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('employees.department_id', (SELECT count(*) FROM "employees" AS c WHERE typeof(c."department_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "departments" AS p WHERE p."id" = +c."department_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
