-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   items: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "items" AS SELECT * FROM main."items";
BEGIN;
DROP VIEW temp."items";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. set 1 value of items.owner_id to the key of its parent in users: '00000000-0000-0000-0000-000000000000' is '00000000000000000000000000000000' [relink, lossless]
DROP TABLE IF EXISTS temp.sqlfix_pairs_0;
CREATE TEMP TABLE sqlfix_pairs_0 AS SELECT column1 AS o0, column2 AS n0 FROM (VALUES ('00000000-0000-0000-0000-000000000000', '00000000000000000000000000000000'));
CREATE INDEX temp.sqlfix_pairs_0_key ON sqlfix_pairs_0 (o0);
UPDATE "items" AS c SET "owner_id" = (SELECT r.n0 FROM temp.sqlfix_pairs_0 AS r WHERE r.o0 = +c."owner_id" COLLATE BINARY) WHERE CASE WHEN (+c."owner_id" COLLATE BINARY) IN (SELECT r.o0 FROM temp.sqlfix_pairs_0 AS r CROSS JOIN "users" AS p ON p."id" = r.n0) THEN 1 ELSE 0 END AND c."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."owner_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());
DROP TABLE temp.sqlfix_pairs_0;

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('items.owner_id', (SELECT count(*) FROM "items" AS c WHERE c."owner_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."owner_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 2 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."items";
