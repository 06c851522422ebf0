-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   free: 1 of 4 rows deleted, 1 of 4 rows changed
--   bound: 3 of 4 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 1 row of free: no parent in owners (owner_id) [delete-rows]
DELETE FROM "free" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id");

-- 2. delete 1 row of bound: no parent in owners (owner_id) [delete-rows]
DELETE FROM "bound" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id");

-- 3. delete 2 rows of bound: no parent in bound (parent_id); follows from the above [delete-rows]
DELETE FROM "bound" AS c WHERE c."id" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "bound" AS c JOIN "bound" AS p ON p."id" = +c."parent_id"), doomed(t, k0) AS (SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "bound" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "bound" AS p WHERE p."id" = +c."parent_id") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 0);

-- 4. set 1 value of free.parent_id to NULL: no parent in free; follows from the above [set-null]
UPDATE "free" AS c SET "parent_id" = NULL WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "free" AS p WHERE p."id" = +c."parent_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('free.owner_id', (SELECT count(*) FROM "free" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('free.parent_id', (SELECT count(*) FROM "free" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "free" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('bound.owner_id', (SELECT count(*) FROM "bound" AS c WHERE typeof(c."owner_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "owners" AS p WHERE p."id" = +c."owner_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('bound.parent_id', (SELECT count(*) FROM "bound" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "bound" AS p WHERE p."id" = +c."parent_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
