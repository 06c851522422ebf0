-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   membership: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of membership.group_id to NULL: no parent in groups [set-null]
UPDATE "membership" AS c SET "group_id" = NULL WHERE c."group_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "groups" AS p WHERE p."id" = +c."group_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('membership.person_id', (SELECT count(*) FROM "membership" AS c WHERE c."person_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."person_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('membership.group_id', (SELECT count(*) FROM "membership" AS c WHERE c."group_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "groups" AS p WHERE p."id" = +c."group_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
