-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   folders: 2 of 7 rows deleted, 2 of 7 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "folders" AS SELECT * FROM main."folders";
BEGIN;
DROP VIEW temp."folders";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of folders: no parent in folders (parent_id), as you chose [delete-rows]
DELETE FROM "folders" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of folders: no parent in owners (owner_id), as you chose [delete-rows]
DELETE FROM "folders" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. set 2 values of folders.parent_id to NULL: no parent in folders; follows from the above, as ON DELETE SET NULL says [set-null]
UPDATE "folders" AS c SET "parent_id" = NULL WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id");
INSERT INTO temp.sqlfix_done VALUES (3, 2, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('folders.owner_id', (SELECT count(*) FROM "folders" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('folders.parent_id', (SELECT count(*) FROM "folders" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."folders";
