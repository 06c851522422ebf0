-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   item: 2 of 3 rows changed
--   note: 1 of 2 rows deleted
--   gone: +2 rows by the file's own triggers
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "note" AS SELECT * FROM main."note";
CREATE TEMP VIEW IF NOT EXISTS "item" AS SELECT * FROM main."item";
BEGIN;
DROP VIEW temp."note";
DROP VIEW temp."item";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of note: no parent in p (p_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set note.p_id=stand-in, =update:KEY or =keep
DELETE FROM "note" AS c WHERE typeof(c."p_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 2 values of item.p_id to NULL: no parent in p [set-null, the schema is silent]
UPDATE "item" AS c SET "p_id" = NULL WHERE c."p_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p_id");
INSERT INTO temp.sqlfix_done VALUES (2, 2, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('item.p_id', (SELECT count(*) FROM "item" AS c WHERE c."p_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('note.p_id', (SELECT count(*) FROM "note" AS c WHERE typeof(c."p_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."note";
DROP VIEW IF EXISTS temp."item";
