-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   deleted: 1 of 2 rows deleted
--   twice: 3 of 4 rows deleted
--   beneath: 1 of 2 rows deleted
--   kept: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "deleted" AS SELECT * FROM main."deleted";
CREATE TEMP VIEW IF NOT EXISTS "twice" AS SELECT * FROM main."twice";
CREATE TEMP VIEW IF NOT EXISTS "beneath" AS SELECT * FROM main."beneath";
CREATE TEMP VIEW IF NOT EXISTS "kept" AS SELECT * FROM main."kept";
BEGIN;
DROP VIEW temp."deleted";
DROP VIEW temp."twice";
DROP VIEW temp."beneath";
DROP VIEW temp."kept";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of deleted: no parent in parents (parent_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set deleted.parent_id=stand-in, =update:KEY or =keep
DELETE FROM "deleted" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 3 rows of twice: no parent in parents (parent_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set twice.parent_id=stand-in, =update:KEY or =keep
DELETE FROM "twice" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id");
INSERT INTO temp.sqlfix_done VALUES (2, 3, changes());

-- 3. delete 1 row of beneath: no parent in twice (twice_oid); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set beneath.twice_oid=update:KEY or =keep
DELETE FROM "beneath" AS c WHERE typeof(c."twice_oid") <> 'null' AND NOT EXISTS (SELECT 1 FROM "twice" AS p WHERE p."oid" = +c."twice_oid");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- 4. set 1 value of kept.parent_id to NULL: no parent in parents [set-null, the schema is silent]
UPDATE "kept" AS c SET "parent_id" = NULL WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id");
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('kept.parent_id', (SELECT count(*) FROM "kept" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('deleted.parent_id', (SELECT count(*) FROM "deleted" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('twice.parent_id', (SELECT count(*) FROM "twice" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('beneath.twice_oid', (SELECT count(*) FROM "beneath" AS c WHERE typeof(c."twice_oid") <> 'null' AND NOT EXISTS (SELECT 1 FROM "twice" AS p WHERE p."oid" = +c."twice_oid")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 5 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."deleted";
DROP VIEW IF EXISTS temp."twice";
DROP VIEW IF EXISTS temp."beneath";
DROP VIEW IF EXISTS temp."kept";

-- Left unchanged:
--   orphan-rows: 1 row of tree (_rowid_): the rows of tree cannot be identified: it has columns named rowid, _rowid_ and oid
