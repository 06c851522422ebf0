-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   children: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of children: no parent in parents (x, y) [delete-rows]
DELETE FROM "children" AS c WHERE typeof(c."x") <> 'null' AND typeof(c."y") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."b" COLLATE "BINARY" = +c."x" AND p."a" COLLATE "BINARY" = +c."y");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('children.x,y', (SELECT count(*) FROM "children" AS c WHERE typeof(c."x") <> 'null' AND typeof(c."y") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."b" COLLATE "BINARY" = +c."x" AND p."a" COLLATE "BINARY" = +c."y")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
