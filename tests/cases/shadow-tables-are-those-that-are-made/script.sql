-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   author: 1 of 2 rows deleted
--   posts_stat: 1 of 2 rows deleted
--   doc_content: 2 of 3 rows deleted
--   note: 2 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of author: no parent in org (org) [delete-rows]
DELETE FROM "author" AS c WHERE typeof(c."org") <> 'null' AND NOT EXISTS (SELECT 1 FROM "org" AS p WHERE p."id" = +c."org");

-- 2. delete 1 row of posts_stat: no parent in author (author_id); follows from the above [delete-rows]
DELETE FROM "posts_stat" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."author_id");

-- 3. delete 2 rows of doc_content: no parent in author (author_id); 1 of them loses it by this plan [delete-rows]
DELETE FROM "doc_content" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."author_id");

-- 4. set 2 values of note.doc_id to NULL: no parent in doc_content; 1 of them loses it by this plan [set-null]
UPDATE "note" AS c SET "doc_id" = NULL WHERE c."doc_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "doc_content" AS p WHERE p."id" = +c."doc_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('author.org', (SELECT count(*) FROM "author" AS c WHERE typeof(c."org") <> 'null' AND NOT EXISTS (SELECT 1 FROM "org" AS p WHERE p."id" = +c."org")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('posts_stat.author_id', (SELECT count(*) FROM "posts_stat" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."author_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('doc_content.author_id', (SELECT count(*) FROM "doc_content" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."author_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('note.doc_id', (SELECT count(*) FROM "note" AS c WHERE c."doc_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "doc_content" AS p WHERE p."id" = +c."doc_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
