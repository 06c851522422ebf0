-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   nodes: 2 of 4 rows deleted
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. delete 2 rows of nodes: no parent in nodes (_rowid_); 1 of them loses it by this plan [delete-rows]
DELETE FROM "nodes" AS c WHERE c."oid" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."oid" COLLATE BINARY AS c0, 0 AS pt, +p."oid" COLLATE BINARY AS p0 FROM "nodes" AS c JOIN "nodes" AS p ON p."rowid" = +c."_rowid_"), doomed(t, k0) AS (SELECT 0 AS t, +c."oid" COLLATE BINARY AS k0 FROM "nodes" AS c WHERE typeof(c."_rowid_") <> 'null' AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."rowid" = +c."_rowid_") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 0);

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('nodes._rowid_', (SELECT count(*) FROM "nodes" AS c WHERE typeof(c."_rowid_") <> 'null' AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."rowid" = +c."_rowid_")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
