-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   assemblies_parts: 3 of 6 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "assemblies_parts" AS SELECT * FROM main."assemblies_parts";
BEGIN;
DROP VIEW temp."assemblies_parts";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 2 link rows of assemblies_parts: no parent in assemblies (assembly_id) [delete-rows, a link needs both ends]
DELETE FROM "assemblies_parts" AS c WHERE c."assembly_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "assemblies" AS p WHERE p."id" = +c."assembly_id");
INSERT INTO temp.sqlfix_done VALUES (1, 2, changes());

-- 2. delete 1 link row of assemblies_parts: no parent in parts (part_id) [delete-rows, a link needs both ends]
DELETE FROM "assemblies_parts" AS c WHERE c."part_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parts" AS p WHERE p."id" = +c."part_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('assemblies_parts.assembly_id', (SELECT count(*) FROM "assemblies_parts" AS c WHERE c."assembly_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "assemblies" AS p WHERE p."id" = +c."assembly_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('assemblies_parts.part_id', (SELECT count(*) FROM "assemblies_parts" AS c WHERE c."part_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parts" AS p WHERE p."id" = +c."part_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."assemblies_parts";
