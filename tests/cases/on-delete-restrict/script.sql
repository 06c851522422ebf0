-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   loans: 1 of 2 rows deleted
--   visits: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of loans: no parent in members (member_id) [delete-rows]
DELETE FROM "loans" AS c WHERE typeof(c."member_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "members" AS p WHERE p."id" = +c."member_id");

-- 2. set 1 value of visits.member_id to NULL: no parent in members [set-null]
UPDATE "visits" AS c SET "member_id" = NULL WHERE c."member_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "members" AS p WHERE p."id" = +c."member_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('loans.member_id', (SELECT count(*) FROM "loans" AS c WHERE typeof(c."member_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "members" AS p WHERE p."id" = +c."member_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('visits.member_id', (SELECT count(*) FROM "visits" AS c WHERE c."member_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "members" AS p WHERE p."id" = +c."member_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
