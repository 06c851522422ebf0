-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   Orders: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of Orders.Customer_ID to NULL: no parent in Customers [set-null]
UPDATE "Orders" AS c SET "Customer_ID" = NULL WHERE c."Customer_ID" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "Customers" AS p WHERE p."ID" = +c."Customer_ID");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('Orders.Customer_ID', (SELECT count(*) FROM "Orders" AS c WHERE c."Customer_ID" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "Customers" AS p WHERE p."ID" = +c."Customer_ID")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   missing-parent-table: Orders (e): the schema is at fault, not the rows; it has to be mended first
