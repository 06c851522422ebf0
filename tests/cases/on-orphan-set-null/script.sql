-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   books_tags: 1 of 2 rows changed
--   pages: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of books_tags.tag_id to NULL: no parent in tags, as you chose [set-null]
UPDATE "books_tags" AS c SET "tag_id" = NULL WHERE c."tag_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "tags" AS p WHERE p."id" = +c."tag_id");

-- 2. set 1 value of pages.book_id to NULL: no parent in books, as you chose [set-null]
UPDATE "pages" AS c SET "book_id" = NULL WHERE c."book_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "books" AS p WHERE p."id" = +c."book_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('books_tags.book_id', (SELECT count(*) FROM "books_tags" AS c WHERE c."book_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "books" AS p WHERE p."id" = +c."book_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('books_tags.tag_id', (SELECT count(*) FROM "books_tags" AS c WHERE c."tag_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "tags" AS p WHERE p."id" = +c."tag_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('pages.book_id', (SELECT count(*) FROM "pages" AS c WHERE c."book_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "books" AS p WHERE p."id" = +c."book_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
