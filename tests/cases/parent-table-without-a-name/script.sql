-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   b: 1 of 2 rows changed
--   c: 1 of 3 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "c" AS SELECT * FROM main."c";
CREATE TEMP VIEW IF NOT EXISTS "b" AS SELECT * FROM main."b";
BEGIN;
DROP VIEW temp."c";
DROP VIEW temp."b";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of c: no parent in "" (p) [delete-rows, as the schema says]
DELETE FROM "c" AS c WHERE typeof(c."p") <> 'null' AND NOT EXISTS (SELECT 1 FROM "" AS p WHERE p."p" = +c."p");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of b.p to NULL: no parent in "" [set-null, the schema is silent]
UPDATE "b" AS c SET "p" = NULL WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "" AS p WHERE p."p" = +c."p");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('b.p', (SELECT count(*) FROM "b" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "" AS p WHERE p."p" = +c."p")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.p', (SELECT count(*) FROM "c" AS c WHERE typeof(c."p") <> 'null' AND NOT EXISTS (SELECT 1 FROM "" AS p WHERE p."p" = +c."p")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."c";
DROP VIEW IF EXISTS temp."b";

-- Left unchanged:
--   orphan-rows: 1 row of a (p): SQLite refuses it: NOT NULL constraint failed: a.p
