-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   logins: 2 of 3 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 2 rows of logins: no parent in users (user_id), as you chose [delete-rows]
DELETE FROM "logins" AS c WHERE c."user_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('logins.user_id', (SELECT count(*) FROM "logins" AS c WHERE c."user_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
