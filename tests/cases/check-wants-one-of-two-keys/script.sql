-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   comments: 2 of 4 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 2 values of comments.post_id to NULL: no parent in posts [set-null]
UPDATE "comments" AS c SET "post_id" = NULL WHERE c."post_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "posts" AS p WHERE p."id" = +c."post_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('comments.post_id', (SELECT count(*) FROM "comments" AS c WHERE c."post_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "posts" AS p WHERE p."id" = +c."post_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('comments.page_id', (SELECT count(*) FROM "comments" AS c WHERE c."page_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "pages" AS p WHERE p."id" = +c."page_id")), 2);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   orphan-rows: 2 rows of comments (page_id): SQLite refuses it: CHECK constraint failed: post_id IS NOT NULL OR page_id IS NOT NULL
