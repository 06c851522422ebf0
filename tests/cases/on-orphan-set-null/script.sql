-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   books_tags: 1 of 2 rows changed
--   pages: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "books_tags" AS SELECT * FROM main."books_tags";
CREATE TEMP VIEW IF NOT EXISTS "pages" AS SELECT * FROM main."pages";
BEGIN;
DROP VIEW temp."books_tags";
DROP VIEW temp."pages";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. set 1 value of books_tags.tag_id to NULL: no parent in tags, as you chose [set-null]
UPDATE "books_tags" AS c SET "tag_id" = NULL WHERE c."tag_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "tags" AS p WHERE p."id" = +c."tag_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of pages.book_id to NULL: no parent in books, as you chose [set-null]
UPDATE "pages" AS c SET "book_id" = NULL WHERE c."book_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "books" AS p WHERE p."id" = +c."book_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('books_tags.book_id', (SELECT count(*) FROM "books_tags" AS c WHERE c."book_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "books" AS p WHERE p."id" = +c."book_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('books_tags.tag_id', (SELECT count(*) FROM "books_tags" AS c WHERE c."tag_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "tags" AS p WHERE p."id" = +c."tag_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('pages.book_id', (SELECT count(*) FROM "pages" AS c WHERE c."book_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "books" AS p WHERE p."id" = +c."book_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."books_tags";
DROP VIEW IF EXISTS temp."pages";
