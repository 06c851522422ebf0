-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   plain: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of plain.book_id to NULL: no parent in books [set-null]
UPDATE "plain" AS c SET "book_id" = NULL WHERE c."book_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "books" AS p WHERE p."id" = +c."book_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('plain.book_id', (SELECT count(*) FROM "plain" AS c WHERE c."book_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "books" AS p WHERE p."id" = +c."book_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   orphan-rows: 1 row of by_index (book_id): SQLite refuses it: unknown function: app_key()
--   orphan-rows: 1 row of by_check (book_id): SQLite refuses it: unknown function: app_key()
