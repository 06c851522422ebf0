-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   job_events: 1 of 2 rows deleted
--   addr: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "job_events" AS SELECT * FROM main."job_events";
CREATE TEMP VIEW IF NOT EXISTS "addr" AS SELECT * FROM main."addr";
BEGIN;
DROP VIEW temp."job_events";
DROP VIEW temp."addr";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of job_events: no parent in jobs (job_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set job_events.job_id=stand-in, =update:KEY or =keep
DELETE FROM "job_events" AS c WHERE typeof(c."job_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "jobs" AS p WHERE p."id" = +c."job_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of addr.acct to NULL: no parent in acct [set-null, the schema is silent]
UPDATE "addr" AS c SET "acct" = NULL WHERE c."acct" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "acct" AS p WHERE p."id" = +c."acct");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('job_events.job_id', (SELECT count(*) FROM "job_events" AS c WHERE typeof(c."job_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "jobs" AS p WHERE p."id" = +c."job_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('addr.acct', (SELECT count(*) FROM "addr" AS c WHERE c."acct" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "acct" AS p WHERE p."id" = +c."acct")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."job_events";
DROP VIEW IF EXISTS temp."addr";

-- Left unchanged:
--   broken-triggers: jobs: a repair does not fix this
