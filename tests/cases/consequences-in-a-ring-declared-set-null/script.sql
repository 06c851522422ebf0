-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   teams: 1 of 3 rows deleted, 1 of 3 rows changed
--   people: 1 of 3 rows deleted, 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "teams" AS SELECT * FROM main."teams";
CREATE TEMP VIEW IF NOT EXISTS "people" AS SELECT * FROM main."people";
BEGIN;
DROP VIEW temp."teams";
DROP VIEW temp."people";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of teams: no parent in people (lead_id), as you chose [delete-rows]
DROP TABLE IF EXISTS temp.sqlfix_now_1;
CREATE TEMP TABLE sqlfix_now_1 AS SELECT c."id" AS k0 FROM "people" AS c WHERE c."team_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "teams" AS p WHERE p."id" = +c."team_id");
CREATE INDEX temp.sqlfix_now_1_key ON sqlfix_now_1 (k0);
DELETE FROM "teams" AS c WHERE c."lead_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."lead_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of people: no parent in teams (team_id), as you chose [delete-rows]
DELETE FROM "people" AS c WHERE EXISTS (SELECT 1 FROM temp.sqlfix_now_1 AS d WHERE d.k0 = +c."id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());
DROP TABLE temp.sqlfix_now_1;

-- 3. set 1 value of teams.lead_id to NULL: no parent in people; follows from the above, as ON DELETE SET NULL says [set-null]
UPDATE "teams" AS c SET "lead_id" = NULL WHERE c."lead_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."lead_id");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- 4. set 1 value of people.team_id to NULL: no parent in teams; follows from the above, as ON DELETE SET NULL says [set-null]
UPDATE "people" AS c SET "team_id" = NULL WHERE c."team_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "teams" AS p WHERE p."id" = +c."team_id");
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('teams.lead_id', (SELECT count(*) FROM "teams" AS c WHERE c."lead_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."lead_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('people.team_id', (SELECT count(*) FROM "people" AS c WHERE c."team_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "teams" AS p WHERE p."id" = +c."team_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."teams";
DROP VIEW IF EXISTS temp."people";
