-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   t: 1 of 8 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "t" AS SELECT * FROM main."t";
BEGIN;
DROP VIEW temp."t";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. write 1 value of t.b as BLOB: nothing is lost by it [cast, lossless]
UPDATE "t" AS c SET "b" = CAST(c."b" AS BLOB) WHERE (typeof(c."b") NOT IN ('blob', 'null')) AND typeof(c."b") = 'text';
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('type-mismatches: t.b', (SELECT count(*) FROM "t" AS c NOT INDEXED WHERE (typeof(c."b") NOT IN ('blob', 'null')) AND typeof(c."b") = 'text'), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 2 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."t";

-- Left unchanged:
--   type-mismatches: 4 rows of t (n): SQLite refuses it: cannot store TEXT value in BLOB column t.b
--   type-mismatches: 2 rows of t (r): SQLite refuses it: cannot store TEXT value in BLOB column t.b
--   type-mismatches: 2 rows of t (s): SQLite refuses it: cannot store TEXT value in BLOB column t.b
--   type-mismatches: 2 rows of t (b): choose the right value
