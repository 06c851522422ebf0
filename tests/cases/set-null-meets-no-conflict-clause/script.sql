-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   c: 2 of 3 rows changed
--   last: +1 rows by the file's own triggers
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "c" AS SELECT * FROM main."c";
BEGIN;
DROP VIEW temp."c";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- d.p: note the rows that have no parent now. No other row may lose its parent.
DROP TABLE IF EXISTS temp.sqlfix_orphans_1;
CREATE TEMP TABLE sqlfix_orphans_1 AS SELECT +c."id" AS k0 FROM "d" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p");
CREATE INDEX temp.sqlfix_orphans_1_key ON sqlfix_orphans_1 (k0);

-- 1. set 2 values of c.p to NULL: no parent in p [set-null, the schema is silent]
UPDATE "c" AS c SET "p" = NULL WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p");
INSERT INTO temp.sqlfix_done VALUES (1, 2, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.p', (SELECT count(*) FROM "c" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('d.p', (SELECT count(*) FROM "d" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p")), 2);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('d.p: rows that have lost their parent', (SELECT count(*) FROM "d" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" = +c."p") AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_orphans_1 AS b WHERE b.k0 = +c."id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
DROP TABLE temp.sqlfix_orphans_1;
COMMIT;
DROP VIEW IF EXISTS temp."c";

-- Left unchanged:
--   orphan-rows: 2 rows of d (p): SQLite refuses it: UNIQUE constraint failed: d.q
