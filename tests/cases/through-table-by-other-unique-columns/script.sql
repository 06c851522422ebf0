-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   permit: 2 of 4 rows deleted
--   pass: 1 of 2 rows deleted
--   visit: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "permit" AS SELECT * FROM main."permit";
CREATE TEMP VIEW IF NOT EXISTS "pass" AS SELECT * FROM main."pass";
CREATE TEMP VIEW IF NOT EXISTS "visit" AS SELECT * FROM main."visit";
BEGIN;
DROP VIEW temp."permit";
DROP VIEW temp."pass";
DROP VIEW temp."visit";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 link row of permit: no parent in country (country_id) [delete-rows, a link needs both ends]
DELETE FROM "permit" AS c WHERE typeof(c."country_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "country" AS p WHERE p."code" = +c."country_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 link row of permit: no parent in reader (reader_id) [delete-rows, a link needs both ends]
DELETE FROM "permit" AS c WHERE typeof(c."reader_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "reader" AS p WHERE p."card" = +c."reader_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. delete 1 link row of pass: no parent in country (country_id); carries data beyond the link [delete-rows, a link needs both ends]
DELETE FROM "pass" AS c WHERE typeof(c."country_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "country" AS p WHERE p."code" = +c."country_id");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- 4. set 1 value of visit.country_id to NULL: no parent in country [set-null, the schema is silent]
UPDATE "visit" AS c SET "country_id" = NULL WHERE c."country_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "country" AS p WHERE p."code" = +c."country_id");
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('permit.country_id', (SELECT count(*) FROM "permit" AS c WHERE typeof(c."country_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "country" AS p WHERE p."code" = +c."country_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('permit.reader_id', (SELECT count(*) FROM "permit" AS c WHERE typeof(c."reader_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "reader" AS p WHERE p."card" = +c."reader_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('pass.country_id', (SELECT count(*) FROM "pass" AS c WHERE typeof(c."country_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "country" AS p WHERE p."code" = +c."country_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('pass.reader_id', (SELECT count(*) FROM "pass" AS c WHERE typeof(c."reader_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "reader" AS p WHERE p."card" = +c."reader_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('visit.country_id', (SELECT count(*) FROM "visit" AS c WHERE c."country_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "country" AS p WHERE p."code" = +c."country_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('visit.reader_id', (SELECT count(*) FROM "visit" AS c WHERE c."reader_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "reader" AS p WHERE p."card" = +c."reader_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 7 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."permit";
DROP VIEW IF EXISTS temp."pass";
DROP VIEW IF EXISTS temp."visit";
