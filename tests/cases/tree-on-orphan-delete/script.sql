-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   folders: 3 of 5 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 3 rows of folders: no parent in folders (parent_id), as you chose; 2 of them lose it by this plan [delete-rows]
DELETE FROM "folders" AS c WHERE c."id" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "folders" AS c JOIN "folders" AS p ON p."id" = +c."parent_id"), doomed(t, k0) AS (SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "folders" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 0);

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('folders.parent_id', (SELECT count(*) FROM "folders" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "folders" AS p WHERE p."id" = +c."parent_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
