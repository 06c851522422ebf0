-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   lib_book: 1 of 3 rows deleted, 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of lib_book: no parent in lib_person (author_id) [delete-rows]
DELETE FROM "lib_book" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_person" AS p WHERE p."id" = +c."author_id");

-- 2. set 1 value of lib_book.editor_id to NULL: no parent in lib_person [set-null]
UPDATE "lib_book" AS c SET "editor_id" = NULL WHERE c."editor_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "lib_person" AS p WHERE p."id" = +c."editor_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('lib_book.author_id', (SELECT count(*) FROM "lib_book" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_person" AS p WHERE p."id" = +c."author_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('lib_book.editor_id', (SELECT count(*) FROM "lib_book" AS c WHERE c."editor_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "lib_person" AS p WHERE p."id" = +c."editor_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
