-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   folders: 4 of 6 rows deleted
--   files: 2 of 3 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "folders" AS SELECT * FROM main."folders";
CREATE TEMP VIEW IF NOT EXISTS "files" AS SELECT * FROM main."files";
BEGIN;
DROP VIEW temp."folders";
DROP VIEW temp."files";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 4 rows of folders: no parent in folders (parent_id); 3 of them lose it through this plan [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set folders.parent_id=stand-in, =update:KEY or =keep
DELETE FROM "folders" AS c WHERE c."id" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "folders" AS c JOIN "folders" AS p ON p."id" = +c."parent_id"), doomed(t, k0) AS (SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "folders" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 0);
INSERT INTO temp.sqlfix_done VALUES (1, 4, changes());

-- 2. delete 2 rows of files: no parent in folders (folder_id); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set files.folder_id=update:KEY or =keep
DELETE FROM "files" AS c WHERE typeof(c."folder_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."folder_id");
INSERT INTO temp.sqlfix_done VALUES (2, 2, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('folders.parent_id', (SELECT count(*) FROM "folders" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('files.folder_id', (SELECT count(*) FROM "files" AS c WHERE typeof(c."folder_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."folder_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."folders";
DROP VIEW IF EXISTS temp."files";
