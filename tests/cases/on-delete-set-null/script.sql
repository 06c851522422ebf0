-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   books: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of books.author_id to NULL: no parent in authors [set-null]
UPDATE "books" AS c SET "author_id" = NULL WHERE c."author_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "authors" AS p WHERE p."id" = +c."author_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('books.author_id', (SELECT count(*) FROM "books" AS c WHERE c."author_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "authors" AS p WHERE p."id" = +c."author_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
