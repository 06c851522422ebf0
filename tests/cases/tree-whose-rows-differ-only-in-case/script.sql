-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   nodes: 2 of 4 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "nodes" AS SELECT * FROM main."nodes";
BEGIN;
DROP VIEW temp."nodes";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 2 rows of nodes: no parent in nodes (up); 1 of them loses it through this plan [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set nodes.up=stand-in, =update:KEY or =keep
DELETE FROM "nodes" AS c WHERE c."k" COLLATE "BINARY" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."k" COLLATE BINARY AS c0, 0 AS pt, +p."k" COLLATE BINARY AS p0 FROM "nodes" AS c JOIN "nodes" AS p ON p."k" COLLATE "BINARY" = +c."up"), doomed(t, k0) AS (SELECT 0 AS t, +c."k" COLLATE BINARY AS k0 FROM "nodes" AS c WHERE typeof(c."up") <> 'null' AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."k" COLLATE "BINARY" = +c."up") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 0);
INSERT INTO temp.sqlfix_done VALUES (1, 2, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('nodes.up', (SELECT count(*) FROM "nodes" AS c WHERE typeof(c."up") <> 'null' AND NOT EXISTS (SELECT 1 FROM "nodes" AS p WHERE p."k" COLLATE "BINARY" = +c."up")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 2 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."nodes";
