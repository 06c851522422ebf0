-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   assemblies_parts: 3 of 6 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 2 link rows of assemblies_parts: no parent in assemblies (assembly_id) [delete-rows]
DELETE FROM "assemblies_parts" AS c WHERE c."assembly_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "assemblies" AS p WHERE p."id" = +c."assembly_id");

-- 2. delete 1 link row of assemblies_parts: no parent in parts (part_id) [delete-rows]
DELETE FROM "assemblies_parts" AS c WHERE c."part_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parts" AS p WHERE p."id" = +c."part_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('assemblies_parts.assembly_id', (SELECT count(*) FROM "assemblies_parts" AS c WHERE c."assembly_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "assemblies" AS p WHERE p."id" = +c."assembly_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('assemblies_parts.part_id', (SELECT count(*) FROM "assemblies_parts" AS c WHERE c."part_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parts" AS p WHERE p."id" = +c."part_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
