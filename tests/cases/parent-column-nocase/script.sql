-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   by_binary: 1 of 2 rows changed
--   by_nocase: 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "by_binary" AS SELECT * FROM main."by_binary";
CREATE TEMP VIEW IF NOT EXISTS "by_nocase" AS SELECT * FROM main."by_nocase";
BEGIN;
DROP VIEW temp."by_binary";
DROP VIEW temp."by_nocase";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. set 1 value of by_binary.name to the key of its parent in b: 'ANN' is 'ann' [relink, lossless]
DROP TABLE IF EXISTS temp.sqlfix_pairs_1;
CREATE TEMP TABLE sqlfix_pairs_1 AS SELECT column1 AS o0, column2 AS n0 FROM (VALUES ('ANN', 'ann'));
CREATE INDEX temp.sqlfix_pairs_1_key ON sqlfix_pairs_1 (o0);
UPDATE "by_binary" AS c SET "name" = (SELECT r.n0 FROM temp.sqlfix_pairs_1 AS r WHERE r.o0 = +c."name" COLLATE BINARY) WHERE CASE WHEN (+c."name" COLLATE BINARY) IN (SELECT r.o0 FROM temp.sqlfix_pairs_1 AS r CROSS JOIN "b" AS p ON p."name" = r.n0) THEN 1 ELSE 0 END AND c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."name" = +c."name");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());
DROP TABLE temp.sqlfix_pairs_1;

-- 2. set 1 value of by_nocase.name to NULL: no parent in a [set-null, the schema is silent]
UPDATE "by_nocase" AS c SET "name" = NULL WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."name" = +c."name");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('by_nocase.name', (SELECT count(*) FROM "by_nocase" AS c WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."name" = +c."name")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('by_binary.name', (SELECT count(*) FROM "by_binary" AS c WHERE c."name" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."name" = +c."name")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."by_binary";
DROP VIEW IF EXISTS temp."by_nocase";
