-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   a: 1 of 2 rows changed
--   b: 1 of 2 rows deleted
--   c: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "b" AS SELECT * FROM main."b";
CREATE TEMP VIEW IF NOT EXISTS "c" AS SELECT * FROM main."c";
CREATE TEMP VIEW IF NOT EXISTS "a" AS SELECT * FROM main."a";
BEGIN;
DROP VIEW temp."b";
DROP VIEW temp."c";
DROP VIEW temp."a";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of b: no parent in parents (parent_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set b.parent_id=stand-in, =update:KEY or =keep
DELETE FROM "b" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of c.k to the key of its parent in any_parents: '1' is 1 [relink, lossless]
DROP TABLE IF EXISTS temp.sqlfix_pairs_2;
CREATE TEMP TABLE sqlfix_pairs_2 AS SELECT column1 AS o0, column2 AS n0 FROM (VALUES ('1', 1));
CREATE INDEX temp.sqlfix_pairs_2_key ON sqlfix_pairs_2 (o0);
UPDATE "c" AS c SET "k" = (SELECT r.n0 FROM temp.sqlfix_pairs_2 AS r WHERE r.o0 = +c."k" COLLATE BINARY) WHERE CASE WHEN (+c."k" COLLATE BINARY) IN (SELECT r.o0 FROM temp.sqlfix_pairs_2 AS r CROSS JOIN "any_parents" AS p ON p."k" = r.n0) THEN 1 ELSE 0 END AND c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "any_parents" AS p WHERE p."k" = +c."k");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());
DROP TABLE temp.sqlfix_pairs_2;

-- 3. set 1 value of a.parent_id to NULL: no parent in parents [set-null, the schema is silent]
UPDATE "a" AS c SET "parent_id" = NULL WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('a.parent_id', (SELECT count(*) FROM "a" AS c WHERE c."parent_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('b.parent_id', (SELECT count(*) FROM "b" AS c WHERE typeof(c."parent_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."parent_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.k', (SELECT count(*) FROM "c" AS c WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "any_parents" AS p WHERE p."k" = +c."k")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."b";
DROP VIEW IF EXISTS temp."c";
DROP VIEW IF EXISTS temp."a";
