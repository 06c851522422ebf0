-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   line: 1 of 3 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "line" AS SELECT * FROM main."line";
BEGIN;
DROP VIEW temp."line";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of line: no parent in invoice (invoice_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set line.invoice_id=stand-in, =update:KEY or =keep
DELETE FROM "line" AS c WHERE typeof(c."invoice_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "invoice" AS p WHERE p."id" = +c."invoice_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('line.invoice_id', (SELECT count(*) FROM "line" AS c WHERE typeof(c."invoice_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "invoice" AS p WHERE p."id" = +c."invoice_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 2 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."line";

-- Left unchanged:
--   orphan-rows: 1 row of invoice (account_id): invoice__old, left behind by a rebuild of invoice, has the same rows, and would be the only table that has them
--   orphan-rows: 1 row of invoice__old (account_id): invoice__old was left behind by a rebuild of invoice, and is never changed
