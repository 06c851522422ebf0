-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   children: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "children" AS SELECT * FROM main."children";
BEGIN;
DROP VIEW temp."children";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of children: no parent in parents (x, y) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set children.x,y=stand-in, =update:KEY,KEY or =keep
DELETE FROM "children" AS c WHERE typeof(c."x") <> 'null' AND typeof(c."y") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."b" COLLATE "BINARY" = +c."x" AND p."a" COLLATE "BINARY" = +c."y");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('children.x,y', (SELECT count(*) FROM "children" AS c WHERE typeof(c."x") <> 'null' AND typeof(c."y") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."b" COLLATE "BINARY" = +c."x" AND p."a" COLLATE "BINARY" = +c."y")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 2 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."children";
