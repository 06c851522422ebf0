-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   lib_book_tags: 3 of 4 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 2 link rows of lib_book_tags: no parent in lib_book (book_id) [delete-rows]
DELETE FROM "lib_book_tags" AS c WHERE typeof(c."book_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_book" AS p WHERE p."id" = +c."book_id");

-- 2. delete 1 link row of lib_book_tags: no parent in lib_tag (tag_id) [delete-rows]
DELETE FROM "lib_book_tags" AS c WHERE typeof(c."tag_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_tag" AS p WHERE p."id" = +c."tag_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('lib_book_tags.book_id', (SELECT count(*) FROM "lib_book_tags" AS c WHERE typeof(c."book_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_book" AS p WHERE p."id" = +c."book_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('lib_book_tags.tag_id', (SELECT count(*) FROM "lib_book_tags" AS c WHERE typeof(c."tag_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_tag" AS p WHERE p."id" = +c."tag_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
