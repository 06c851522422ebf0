-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   association: 1 of 3 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 link row of association: no parent in right (right_id) [delete-rows]
DELETE FROM "association" AS c WHERE typeof(c."right_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "right" AS p WHERE p."id" = +c."right_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('association.left_id', (SELECT count(*) FROM "association" AS c WHERE typeof(c."left_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "left" AS p WHERE p."id" = +c."left_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('association.right_id', (SELECT count(*) FROM "association" AS c WHERE typeof(c."right_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "right" AS p WHERE p."id" = +c."right_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
