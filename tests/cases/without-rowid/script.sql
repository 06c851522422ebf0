-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   rooms: 1 of 2 rows deleted
--   chairs: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "rooms" AS SELECT * FROM main."rooms";
CREATE TEMP VIEW IF NOT EXISTS "chairs" AS SELECT * FROM main."chairs";
BEGIN;
DROP VIEW temp."rooms";
DROP VIEW temp."chairs";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of rooms: no parent in houses (house) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set rooms.house=stand-in, =update:KEY or =keep
DELETE FROM "rooms" AS c WHERE typeof(c."house") <> 'null' AND NOT EXISTS (SELECT 1 FROM "houses" AS p WHERE p."name" = +c."house");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of chairs: no parent in rooms (house, number); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set chairs.house,number=update:KEY,KEY or =keep
DELETE FROM "chairs" AS c WHERE typeof(c."house") <> 'null' AND typeof(c."number") <> 'null' AND NOT EXISTS (SELECT 1 FROM "rooms" AS p WHERE p."house" = +c."house" AND p."number" = +c."number");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('rooms.house', (SELECT count(*) FROM "rooms" AS c WHERE typeof(c."house") <> 'null' AND NOT EXISTS (SELECT 1 FROM "houses" AS p WHERE p."name" = +c."house")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('chairs.house,number', (SELECT count(*) FROM "chairs" AS c WHERE typeof(c."house") <> 'null' AND typeof(c."number") <> 'null' AND NOT EXISTS (SELECT 1 FROM "rooms" AS p WHERE p."house" = +c."house" AND p."number" = +c."number")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."rooms";
DROP VIEW IF EXISTS temp."chairs";
