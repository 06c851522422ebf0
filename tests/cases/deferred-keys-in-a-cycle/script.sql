-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   b: 1 of 2 rows deleted
--   tags: 1 of 2 rows deleted
--   a: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of b: no parent in a (a_id) [delete-rows]
DELETE FROM "b" AS c WHERE typeof(c."a_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."id" = +c."a_id");

-- 2. delete 1 row of tags: no parent in b (b_id); follows from the above [delete-rows]
DELETE FROM "tags" AS c WHERE typeof(c."b_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."id" = +c."b_id");

-- 3. set 1 value of a.b_id to NULL: no parent in b; follows from the above [set-null]
UPDATE "a" AS c SET "b_id" = NULL WHERE c."b_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."id" = +c."b_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('a.b_id', (SELECT count(*) FROM "a" AS c WHERE c."b_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."id" = +c."b_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('b.a_id', (SELECT count(*) FROM "b" AS c WHERE typeof(c."a_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."id" = +c."a_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('tags.b_id', (SELECT count(*) FROM "tags" AS c WHERE typeof(c."b_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."id" = +c."b_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
