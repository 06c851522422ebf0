-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   restaurant: 1 of 2 rows deleted
--   profile: 1 of 2 rows deleted
--   menu: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of restaurant: no parent in place (place_ptr_id) [delete-rows]
DELETE FROM "restaurant" AS c WHERE typeof(c."place_ptr_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "place" AS p WHERE p."id" = +c."place_ptr_id");

-- 2. delete 1 row of profile: no parent in place (place_id) [delete-rows]
DELETE FROM "profile" AS c WHERE c."place_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "place" AS p WHERE p."id" = +c."place_id");

-- 3. delete 1 row of menu: no parent in restaurant (restaurant_id); follows from the above [delete-rows]
DELETE FROM "menu" AS c WHERE typeof(c."restaurant_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "restaurant" AS p WHERE p."place_ptr_id" = +c."restaurant_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('restaurant.place_ptr_id', (SELECT count(*) FROM "restaurant" AS c WHERE typeof(c."place_ptr_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "place" AS p WHERE p."id" = +c."place_ptr_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('profile.place_id', (SELECT count(*) FROM "profile" AS c WHERE c."place_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "place" AS p WHERE p."id" = +c."place_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('menu.restaurant_id', (SELECT count(*) FROM "menu" AS c WHERE typeof(c."restaurant_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "restaurant" AS p WHERE p."place_ptr_id" = +c."restaurant_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
