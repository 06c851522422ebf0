-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   c: 1 of 2 rows changed
--   d: 1 of 2 rows changed
--   e: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "c" AS SELECT * FROM main."c";
CREATE TEMP VIEW IF NOT EXISTS "d" AS SELECT * FROM main."d";
CREATE TEMP VIEW IF NOT EXISTS "e" AS SELECT * FROM main."e";
BEGIN;
DROP VIEW temp."c";
DROP VIEW temp."d";
DROP VIEW temp."e";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. set 1 value of c.zip to '07001': no parent in zip, as you chose [update]
UPDATE "c" AS c SET "zip" = '07001' WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "zip" AS p WHERE p."code" COLLATE "BINARY" = +c."zip");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of d.zip to 7001: no parent in number, as you chose [update]
UPDATE "d" AS c SET "zip" = 7001 WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "number" AS p WHERE p."code" = +c."zip");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. set 1 value of e.zip to '07001': no parent in zip, as you chose [update]
UPDATE "e" AS c SET "zip" = '07001' WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "zip" AS p WHERE p."code" COLLATE "BINARY" = +c."zip");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.zip', (SELECT count(*) FROM "c" AS c WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "zip" AS p WHERE p."code" COLLATE "BINARY" = +c."zip")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('d.zip', (SELECT count(*) FROM "d" AS c WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "number" AS p WHERE p."code" = +c."zip")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('e.zip', (SELECT count(*) FROM "e" AS c WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "zip" AS p WHERE p."code" COLLATE "BINARY" = +c."zip")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."c";
DROP VIEW IF EXISTS temp."d";
DROP VIEW IF EXISTS temp."e";
