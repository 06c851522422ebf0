-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   : 1 of 2 rows deleted
--   it's "here": 1 of 2 rows changed
--   select: 1 of 2 rows changed
--   line\nbreak; -- DROP: 1 of 2 rows changed
--   🐘: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of "": no parent in it's "here" (group) [delete-rows]
DELETE FROM "" AS c WHERE typeof(c."group") <> 'null' AND NOT EXISTS (SELECT 1 FROM "it's ""here""" AS p WHERE p."a b" = +c."group");

-- 2. set 1 value of it's "here".x'y to NULL: no parent in line\nbreak; -- DROP [set-null]
UPDATE "it's ""here""" AS c SET "x'y" = NULL WHERE c."x'y" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "line
break; -- DROP" AS p WHERE p."id]" = +c."x'y");

-- 3. set 1 value of select.where to NULL: no parent in "" [set-null]
UPDATE "select" AS c SET "where" = NULL WHERE c."where" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "" AS p WHERE p."" = +c."where");

-- 4. set 1 value of line\nbreak; -- DROP.key\ntwo to NULL: no parent in select [set-null]
UPDATE "line
break; -- DROP" AS c SET "key
two" = NULL WHERE c."key
two" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "select" AS p WHERE p."from" = +c."key
two");

-- 5. set 1 value of 🐘.%s to NULL: no parent in 🐘 [set-null]
UPDATE "🐘" AS c SET "%s" = NULL WHERE c."%s" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "🐘" AS p WHERE p."é" = +c."%s");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('.group', (SELECT count(*) FROM "" AS c WHERE typeof(c."group") <> 'null' AND NOT EXISTS (SELECT 1 FROM "it's ""here""" AS p WHERE p."a b" = +c."group")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('it''s "here".x''y', (SELECT count(*) FROM "it's ""here""" AS c WHERE c."x'y" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "line
break; -- DROP" AS p WHERE p."id]" = +c."x'y")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('select.where', (SELECT count(*) FROM "select" AS c WHERE c."where" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "" AS p WHERE p."" = +c."where")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('line\nbreak; -- DROP.key\ntwo', (SELECT count(*) FROM "line
break; -- DROP" AS c WHERE c."key
two" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "select" AS p WHERE p."from" = +c."key
two")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('🐘.%s', (SELECT count(*) FROM "🐘" AS c WHERE c."%s" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "🐘" AS p WHERE p."é" = +c."%s")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
