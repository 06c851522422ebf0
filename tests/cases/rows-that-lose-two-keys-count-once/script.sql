-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   batch: 1 of 2 rows deleted
--   ticket: 4 of 5 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "batch" AS SELECT * FROM main."batch";
CREATE TEMP VIEW IF NOT EXISTS "ticket" AS SELECT * FROM main."ticket";
BEGIN;
DROP VIEW temp."batch";
DROP VIEW temp."ticket";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of batch: no parent in person (owner) [delete-rows, as the schema says]
DELETE FROM "batch" AS c WHERE typeof(c."owner") <> 'null' AND NOT EXISTS (SELECT 1 FROM "person" AS p WHERE p."id" = +c."owner");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 2 values of ticket.author to NULL: no parent in person [set-null, the schema is silent]
UPDATE "ticket" AS c SET "author" = NULL WHERE c."author" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "person" AS p WHERE p."id" = +c."author");
INSERT INTO temp.sqlfix_done VALUES (2, 2, changes());

-- 3. set 2 values of ticket.editor to NULL: no parent in person [set-null, the schema is silent]
UPDATE "ticket" AS c SET "editor" = NULL WHERE c."editor" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "person" AS p WHERE p."id" = +c."editor");
INSERT INTO temp.sqlfix_done VALUES (3, 2, changes());

-- 4. set 2 values of ticket.batch to NULL: no parent in batch; follows from the above [set-null, the schema is silent]
UPDATE "ticket" AS c SET "batch" = NULL WHERE c."batch" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "batch" AS p WHERE p."id" = +c."batch");
INSERT INTO temp.sqlfix_done VALUES (4, 2, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('batch.owner', (SELECT count(*) FROM "batch" AS c WHERE typeof(c."owner") <> 'null' AND NOT EXISTS (SELECT 1 FROM "person" AS p WHERE p."id" = +c."owner")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('ticket.author', (SELECT count(*) FROM "ticket" AS c WHERE c."author" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "person" AS p WHERE p."id" = +c."author")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('ticket.editor', (SELECT count(*) FROM "ticket" AS c WHERE c."editor" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "person" AS p WHERE p."id" = +c."editor")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('ticket.batch', (SELECT count(*) FROM "ticket" AS c WHERE c."batch" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "batch" AS p WHERE p."id" = +c."batch")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 5 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."batch";
DROP VIEW IF EXISTS temp."ticket";
