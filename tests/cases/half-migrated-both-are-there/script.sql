-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   note: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "note" AS SELECT * FROM main."note";
BEGIN;
DROP VIEW temp."note";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. set 1 value of note.account_id to NULL: no parent in account [set-null, the schema is silent]
UPDATE "note" AS c SET "account_id" = NULL WHERE c."account_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "account" AS p WHERE p."id" = +c."account_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('note.account_id', (SELECT count(*) FROM "note" AS c WHERE c."account_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "account" AS p WHERE p."id" = +c."account_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 2 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."note";

-- Left unchanged:
--   orphan-rows: 1 row of invoice (account_id): new__invoice, left behind by a rebuild of invoice, has rows that are missing from invoice: the migration comes first
--   orphan-rows: 1 row of new__invoice (account_id): new__invoice was left behind by a rebuild of invoice, and is never changed
--   orphan-rows: 1 row of invoice_line (invoice_id): some of their parents are only in new__invoice
--   unfinished-migration: 1 row of new__invoice: a repair does not fix this
--   unfinished-migration: 1 row of invoice_line (invoice_id): their parents are only in new__invoice; bring them back first
