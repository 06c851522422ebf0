-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   profile: 3 of 6 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "profile" AS SELECT * FROM main."profile";
BEGIN;
DROP VIEW temp."profile";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- profile.user: note the rows that have no parent now. No other row may lose its parent.
DROP TABLE IF EXISTS temp.sqlfix_orphans_0;
CREATE TEMP TABLE sqlfix_orphans_0 AS SELECT +c."id" AS k0 FROM "profile" AS c WHERE typeof(c."user") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."name" COLLATE "BINARY" = +c."user");
CREATE INDEX temp.sqlfix_orphans_0_key ON sqlfix_orphans_0 (k0);

-- 1. set 3 values of profile.user to the key of their parent in users: '"carl"' is 'carl', 'Ann' is 'ann', 'BOB' is 'bob', and 2 more [relink, lossless]
DROP TABLE IF EXISTS temp.sqlfix_pairs_0;
CREATE TEMP TABLE sqlfix_pairs_0 AS SELECT column1 AS o0, column2 AS n0 FROM (VALUES ('"carl"', 'carl'), ('Ann', 'ann'), ('BOB', 'bob'), ('carl ', 'carl'), ('émile', 'Émile'));
CREATE INDEX temp.sqlfix_pairs_0_key ON sqlfix_pairs_0 (o0);
DROP TABLE IF EXISTS temp.sqlfix_taken_0;
CREATE TEMP TABLE sqlfix_taken_0 AS SELECT k0 FROM (SELECT c."id" AS k0, (r0.o0 IS NOT NULL) AND EXISTS (SELECT 1 FROM "profile" AS x WHERE x."user" = ifnull(r0.n0, c."user") COLLATE "BINARY" AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_pairs_0 AS r WHERE r.o0 = +x."user" COLLATE BINARY)) AS there, (r0.o0 IS NOT NULL) AND ifnull(r0.n0, c."user") COLLATE "BINARY" IS NOT NULL AND row_number() OVER (PARTITION BY ifnull(r0.n0, c."user") COLLATE "BINARY" ORDER BY NOT (c."user" = ifnull(r0.n0, c."user") COLLATE "BINARY"), c."id") > 1 AS again FROM "profile" AS c NOT INDEXED LEFT JOIN temp.sqlfix_pairs_0 AS r0 ON r0.o0 = +c."user" COLLATE BINARY WHERE ((r0.o0 IS NOT NULL AND typeof(c."user") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."name" COLLATE "BINARY" = +c."user") AND EXISTS (SELECT 1 FROM "users" AS p WHERE p."name" COLLATE "BINARY" = r0.n0)))) WHERE there OR again;
CREATE INDEX temp.sqlfix_taken_0_key ON sqlfix_taken_0 (k0);
UPDATE "profile" AS c SET "user" = (SELECT r.n0 FROM temp.sqlfix_pairs_0 AS r WHERE r.o0 = +c."user" COLLATE BINARY) WHERE CASE WHEN (+c."user" COLLATE BINARY) IN (SELECT r.o0 FROM temp.sqlfix_pairs_0 AS r CROSS JOIN "users" AS p ON p."name" COLLATE "BINARY" = r.n0) THEN 1 ELSE 0 END AND typeof(c."user") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."name" COLLATE "BINARY" = +c."user") AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_taken_0 AS d WHERE d.k0 = +c."id");
INSERT INTO temp.sqlfix_done VALUES (1, 3, changes());
DROP TABLE temp.sqlfix_pairs_0;
DROP TABLE temp.sqlfix_taken_0;

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('profile.user', (SELECT count(*) FROM "profile" AS c WHERE typeof(c."user") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."name" COLLATE "BINARY" = +c."user")), 2);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('profile.user: rows that have lost their parent', (SELECT count(*) FROM "profile" AS c WHERE typeof(c."user") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."name" COLLATE "BINARY" = +c."user") AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_orphans_0 AS b WHERE b.k0 = +c."id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
DROP TABLE temp.sqlfix_orphans_0;
COMMIT;
DROP VIEW IF EXISTS temp."profile";

-- Left unchanged:
--   orphan-rows: 2 rows of profile (user): with the key of the parent they match, they would be the same as another row, which UNIQUE forbids
--   orphan-rows: 1 row of badge (user): they match a parent except for spelling, and their column cannot hold the key as it is spelled there
