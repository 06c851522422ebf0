-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   nodes: 1 of 4 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of nodes.up to NULL: no parent in nodes [set-null]
UPDATE "nodes" AS c SET "up" = NULL WHERE c."tenant" IS NOT NULL AND c."up" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."tenant" = +c."tenant" AND p."number" = +c."up");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('nodes.tenant,up', (SELECT count(*) FROM "nodes" AS c WHERE c."tenant" IS NOT NULL AND c."up" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."tenant" = +c."tenant" AND p."number" = +c."up")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
