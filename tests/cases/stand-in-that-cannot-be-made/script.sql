-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   tags: 1 row added to 1
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "tags" AS SELECT * FROM main."tags";
BEGIN;
DROP VIEW temp."tags";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. add 1 row to tags: stand-ins for the missing parents of tagged.tag, as you chose [stand-in]
--    name='b'
DROP TABLE IF EXISTS temp.sqlfix_missing_8;
CREATE TEMP TABLE sqlfix_missing_8 AS SELECT DISTINCT c."tag" COLLATE BINARY AS k0 FROM "tagged" AS c WHERE typeof(c."tag") <> 'null' AND NOT EXISTS (SELECT 1 FROM "tags" AS p WHERE p."name" = +c."tag");
CREATE INDEX temp.sqlfix_missing_8_key ON sqlfix_missing_8 (k0);
INSERT INTO "tags" ("name") SELECT k.k0 FROM (SELECT k0 FROM temp.sqlfix_missing_8) AS k WHERE 1;
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());
DROP TABLE temp.sqlfix_missing_8;

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('tagged.tag', (SELECT count(*) FROM "tagged" AS c WHERE typeof(c."tag") <> 'null' AND NOT EXISTS (SELECT 1 FROM "tags" AS p WHERE p."name" = +c."tag")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 2 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."tags";

-- Left unchanged:
--   orphan-rows: 1 row of item_notes (item_id): no stand-in can be made: items.place needs a value, and there is no rule for its type POINT
--   orphan-rows: 1 row of visits (event_id): no stand-in can be made: SQLite refuses the row in events: CHECK constraint failed: first < last
--   orphan-rows: 1 row of beds (room_id): no stand-in can be made: SQLite refuses the row in rooms: ask the architect
--   orphan-rows: 1 row of birds (tree_id): no stand-in can be made: each row would need another one above it without end: trees → woods → trees
--   orphan-rows: 1 row of uses (code): no stand-in can be made: codes.code is computed from other columns
