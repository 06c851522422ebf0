-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   people: 3 of 6 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "people" AS SELECT * FROM main."people";
BEGIN;
DROP VIEW temp."people";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 3 rows of people: no parent in people (mother_id); 2 of them lose it through this plan [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set people.mother_id=stand-in, =update:KEY or =keep
DELETE FROM "people" AS c WHERE c."id" IN (WITH RECURSIVE link AS MATERIALIZED (SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "people" AS c JOIN "people" AS p ON p."id" = +c."mother_id" UNION ALL SELECT 0 AS ct, +c."id" COLLATE BINARY AS c0, 0 AS pt, +p."id" COLLATE BINARY AS p0 FROM "people" AS c JOIN "people" AS p ON p."id" = +c."guardian_id"), doomed(t, k0) AS (SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "people" AS c WHERE typeof(c."mother_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."mother_id") UNION SELECT 0 AS t, +c."id" COLLATE BINARY AS k0 FROM "people" AS c WHERE typeof(c."guardian_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."guardian_id") UNION SELECT l.ct, l.c0 FROM doomed AS d JOIN link AS l ON l.pt = d.t AND l.p0 = d.k0) SELECT k0 FROM doomed WHERE t = 0);
INSERT INTO temp.sqlfix_done VALUES (1, 3, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('people.mother_id', (SELECT count(*) FROM "people" AS c WHERE typeof(c."mother_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."mother_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('people.guardian_id', (SELECT count(*) FROM "people" AS c WHERE typeof(c."guardian_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "people" AS p WHERE p."id" = +c."guardian_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."people";
