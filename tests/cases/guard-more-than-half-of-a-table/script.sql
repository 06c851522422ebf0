-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   notes: 50 of 100 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 50 rows of notes: no parent in customers (customer_id) [delete-rows]
DELETE FROM "notes" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('notes.customer_id', (SELECT count(*) FROM "notes" AS c WHERE typeof(c."customer_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "customers" AS p WHERE p."id" = +c."customer_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   orphan-rows: 51 rows of orders (customer_id): it would delete 51 of the 100 rows of orders; held back until --allow-mass-delete says that it is meant
