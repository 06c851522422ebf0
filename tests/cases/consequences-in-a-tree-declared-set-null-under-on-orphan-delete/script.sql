-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   folders: 2 of 7 rows deleted, 2 of 7 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of folders: no parent in folders (parent_id), as you chose [delete-rows]
DELETE FROM "folders" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id");

-- 2. delete 1 row of folders: no parent in owners (owner_id), as you chose [delete-rows]
DELETE FROM "folders" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id");

-- 3. set 2 values of folders.parent_id to NULL: no parent in folders; follows from the above, as ON DELETE SET NULL says [set-null]
UPDATE "folders" AS c SET "parent_id" = NULL WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('folders.owner_id', (SELECT count(*) FROM "folders" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('folders.parent_id', (SELECT count(*) FROM "folders" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
