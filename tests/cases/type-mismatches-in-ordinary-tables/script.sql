-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   item: 2 of 6 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "item" AS SELECT * FROM main."item";
BEGIN;
DROP VIEW temp."item";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. write 2 values of item.sold as BOOLEAN: nothing is lost by it [cast, lossless]
UPDATE "item" AS c SET "sold" = lower(c."sold") IN ('true', 't', 'yes', 'y', 'on', '1') WHERE (+c."sold" <> 0 AND +c."sold" <> 1) AND typeof(c."sold") = 'text' AND lower(c."sold") IN ('true', 't', 'yes', 'y', 'on', '1', 'false', 'f', 'no', 'n', 'off', '0');
INSERT INTO temp.sqlfix_done VALUES (1, 2, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('type-mismatches: item.sold', (SELECT count(*) FROM "item" AS c NOT INDEXED WHERE (+c."sold" <> 0 AND +c."sold" <> 1) AND typeof(c."sold") = 'text' AND lower(c."sold") IN ('true', 't', 'yes', 'y', 'on', '1', 'false', 'f', 'no', 'n', 'off', '0')), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 2 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."item";

-- Left unchanged:
--   type-mismatches: 2 rows of item (stock): choose the right value: --set item.stock=update:VALUE
--   type-mismatches: 2 rows of item (weight): choose the right value: --set item.weight=update:VALUE
--   type-mismatches: 1 row of item (price): choose the right value
--   type-mismatches: 1 row of item (sold): choose the right value
--   type-mismatches: 1 row of item (size): choose the right value: --set item.size=update:VALUE
