-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   deleted: 1 of 2 rows deleted
--   twice: 3 of 4 rows deleted
--   beneath: 1 of 2 rows deleted
--   kept: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of deleted: no parent in parents (parent_id) [delete-rows]
DELETE FROM "deleted" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id");

-- 2. delete 3 rows of twice: no parent in parents (parent_id) [delete-rows]
DELETE FROM "twice" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id");

-- 3. delete 1 row of beneath: no parent in twice (twice_oid); follows from the above [delete-rows]
DELETE FROM "beneath" AS c WHERE typeof(c."twice_oid") <> 'null' AND NOT EXISTS (SELECT 1 FROM "twice" AS p WHERE p."oid" = +c."twice_oid");

-- 4. set 1 value of kept.parent_id to NULL: no parent in parents [set-null]
UPDATE "kept" AS c SET "parent_id" = NULL WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('kept.parent_id', (SELECT count(*) FROM "kept" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('deleted.parent_id', (SELECT count(*) FROM "deleted" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('twice.parent_id', (SELECT count(*) FROM "twice" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('beneath.twice_oid', (SELECT count(*) FROM "beneath" AS c WHERE typeof(c."twice_oid") <> 'null' AND NOT EXISTS (SELECT 1 FROM "twice" AS p WHERE p."oid" = +c."twice_oid")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   orphan-rows: 1 row of tree (_rowid_): the rows of tree cannot be followed: it has columns named rowid, _rowid_ and oid
