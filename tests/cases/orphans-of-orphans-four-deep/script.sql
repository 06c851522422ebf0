-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   b: 1 of 2 rows deleted
--   c: 1 of 2 rows deleted
--   d: 1 of 2 rows deleted
--   e: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of b: no parent in a (a_id) [delete-rows]
DELETE FROM "b" AS c WHERE typeof(c."a_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."id" = +c."a_id");

-- 2. delete 1 row of c: no parent in b (b_id); follows from the above [delete-rows]
DELETE FROM "c" AS c WHERE typeof(c."b_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."id" = +c."b_id");

-- 3. delete 1 row of d: no parent in c (c_id); follows from the above [delete-rows]
DELETE FROM "d" AS c WHERE typeof(c."c_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "c" AS p WHERE p."id" = +c."c_id");

-- 4. delete 1 row of e: no parent in d (d_id); follows from the above [delete-rows]
DELETE FROM "e" AS c WHERE typeof(c."d_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "d" AS p WHERE p."id" = +c."d_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('e.d_id', (SELECT count(*) FROM "e" AS c WHERE typeof(c."d_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "d" AS p WHERE p."id" = +c."d_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('d.c_id', (SELECT count(*) FROM "d" AS c WHERE typeof(c."c_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "c" AS p WHERE p."id" = +c."c_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('c.b_id', (SELECT count(*) FROM "c" AS c WHERE typeof(c."b_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."id" = +c."b_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('b.a_id', (SELECT count(*) FROM "b" AS c WHERE typeof(c."a_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."id" = +c."a_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
