-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   free: 1 of 4 rows deleted, 1 of 4 rows changed
--   bound: 3 of 4 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "free" AS SELECT * FROM main."free";
CREATE TEMP VIEW IF NOT EXISTS "bound" AS SELECT * FROM main."bound";
BEGIN;
DROP VIEW temp."free";
DROP VIEW temp."bound";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of free: no parent in owners (owner_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set free.owner_id=stand-in, =update:KEY or =keep
DELETE FROM "free" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of bound: no parent in owners (owner_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set bound.owner_id=stand-in, =update:KEY or =keep
DELETE FROM "bound" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. delete 2 rows of bound: no parent in bound (parent_id); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set bound.parent_id=update:KEY or =keep
DELETE FROM "bound" AS c WHERE c."id" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "bound" AS c JOIN "bound" AS p ON p."id" = +c."parent_id"), doomed(t, k0) AS (SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "bound" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "bound" AS p WHERE p."id" = +c."parent_id") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 0);
INSERT INTO temp.sqlfix_done VALUES (3, 2, changes());

-- 4. set 1 value of free.parent_id to NULL: no parent in free; follows from the above [set-null, the schema is silent]
UPDATE "free" AS c SET "parent_id" = NULL WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "free" AS p WHERE p."id" = +c."parent_id");
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('free.owner_id', (SELECT count(*) FROM "free" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('free.parent_id', (SELECT count(*) FROM "free" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "free" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('bound.owner_id', (SELECT count(*) FROM "bound" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('bound.parent_id', (SELECT count(*) FROM "bound" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "bound" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 5 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."free";
DROP VIEW IF EXISTS temp."bound";
