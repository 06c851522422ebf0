-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   net_person_friends: 2 of 4 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 link row of net_person_friends: no parent in net_person (from_person_id) [delete-rows]
DELETE FROM "net_person_friends" AS c WHERE typeof(c."from_person_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "net_person" AS p WHERE p."id" = +c."from_person_id");

-- 2. delete 1 link row of net_person_friends: no parent in net_person (to_person_id) [delete-rows]
DELETE FROM "net_person_friends" AS c WHERE typeof(c."to_person_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "net_person" AS p WHERE p."id" = +c."to_person_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('net_person_friends.from_person_id', (SELECT count(*) FROM "net_person_friends" AS c WHERE typeof(c."from_person_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "net_person" AS p WHERE p."id" = +c."from_person_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('net_person_friends.to_person_id', (SELECT count(*) FROM "net_person_friends" AS c WHERE typeof(c."to_person_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "net_person" AS p WHERE p."id" = +c."to_person_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
