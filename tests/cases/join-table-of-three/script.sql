-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   supplies: 1 of 3 rows deleted, 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of supplies: no parent in projects (project_id) [delete-rows]
DELETE FROM "supplies" AS c WHERE c."project_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "projects" AS p WHERE p."id" = +c."project_id");

-- 2. set 1 value of supplies.part_id to NULL: no parent in parts [set-null]
UPDATE "supplies" AS c SET "part_id" = NULL WHERE c."part_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parts" AS p WHERE p."id" = +c."part_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('supplies.supplier_id', (SELECT count(*) FROM "supplies" AS c WHERE c."supplier_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "suppliers" AS p WHERE p."id" = +c."supplier_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('supplies.part_id', (SELECT count(*) FROM "supplies" AS c WHERE c."part_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parts" AS p WHERE p."id" = +c."part_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('supplies.project_id', (SELECT count(*) FROM "supplies" AS c WHERE c."project_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "projects" AS p WHERE p."id" = +c."project_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
