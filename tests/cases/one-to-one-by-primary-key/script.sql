-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   restaurant: 1 of 2 rows deleted
--   profile: 1 of 2 rows deleted
--   menu: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "restaurant" AS SELECT * FROM main."restaurant";
CREATE TEMP VIEW IF NOT EXISTS "profile" AS SELECT * FROM main."profile";
CREATE TEMP VIEW IF NOT EXISTS "menu" AS SELECT * FROM main."menu";
BEGIN;
DROP VIEW temp."restaurant";
DROP VIEW temp."profile";
DROP VIEW temp."menu";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of restaurant: no parent in place (place_ptr_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set restaurant.place_ptr_id=stand-in or =keep
DELETE FROM "restaurant" AS c WHERE typeof(c."place_ptr_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "place" AS p WHERE p."id" = +c."place_ptr_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of profile: no parent in place (place_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set profile.place_id=stand-in or =keep
DELETE FROM "profile" AS c WHERE c."place_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "place" AS p WHERE p."id" = +c."place_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. delete 1 row of menu: no parent in restaurant (restaurant_id); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set menu.restaurant_id=update:KEY or =keep
DELETE FROM "menu" AS c WHERE typeof(c."restaurant_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "restaurant" AS p WHERE p."place_ptr_id" = +c."restaurant_id");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('restaurant.place_ptr_id', (SELECT count(*) FROM "restaurant" AS c WHERE typeof(c."place_ptr_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "place" AS p WHERE p."id" = +c."place_ptr_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('profile.place_id', (SELECT count(*) FROM "profile" AS c WHERE c."place_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "place" AS p WHERE p."id" = +c."place_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('menu.restaurant_id', (SELECT count(*) FROM "menu" AS c WHERE typeof(c."restaurant_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "restaurant" AS p WHERE p."place_ptr_id" = +c."restaurant_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."restaurant";
DROP VIEW IF EXISTS temp."profile";
DROP VIEW IF EXISTS temp."menu";
