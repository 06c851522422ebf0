-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   of_real: 1 of 3 rows changed
--   of_blob: 1 of 2 rows changed
--   of_any: 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "of_real" AS SELECT * FROM main."of_real";
CREATE TEMP VIEW IF NOT EXISTS "of_blob" AS SELECT * FROM main."of_blob";
CREATE TEMP VIEW IF NOT EXISTS "of_any" AS SELECT * FROM main."of_any";
BEGIN;
DROP VIEW temp."of_real";
DROP VIEW temp."of_blob";
DROP VIEW temp."of_any";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. set 1 value of of_real.k to NULL: no parent in real_parents [set-null, the schema is silent]
UPDATE "of_real" AS c SET "k" = NULL WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "real_parents" AS p WHERE p."k" = +c."k");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of of_blob.k to NULL: no parent in blob_parents [set-null, the schema is silent]
UPDATE "of_blob" AS c SET "k" = NULL WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "blob_parents" AS p WHERE p."k" = +c."k");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. set 1 value of of_any.k to NULL: no parent in any_parents [set-null, the schema is silent]
UPDATE "of_any" AS c SET "k" = NULL WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "any_parents" AS p WHERE p."k" = +c."k");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('of_real.k', (SELECT count(*) FROM "of_real" AS c WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "real_parents" AS p WHERE p."k" = +c."k")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('of_blob.k', (SELECT count(*) FROM "of_blob" AS c WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "blob_parents" AS p WHERE p."k" = +c."k")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('of_any.k', (SELECT count(*) FROM "of_any" AS c WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "any_parents" AS p WHERE p."k" = +c."k")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."of_real";
DROP VIEW IF EXISTS temp."of_blob";
DROP VIEW IF EXISTS temp."of_any";
