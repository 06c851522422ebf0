-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   posts_stat: 1 of 2 rows deleted
--   plain: 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "posts_stat" AS SELECT * FROM main."posts_stat";
CREATE TEMP VIEW IF NOT EXISTS "plain" AS SELECT * FROM main."plain";
BEGIN;
DROP VIEW temp."posts_stat";
DROP VIEW temp."plain";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of posts_stat: no parent in author (a) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set posts_stat.a=stand-in, =update:KEY or =keep
DELETE FROM "posts_stat" AS c WHERE typeof(c."a") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."a");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of plain.n to (5): it holds NULL, and is NOT NULL [set-default, as the schema says]
UPDATE "plain" AS c SET "n" = (5) WHERE typeof(c."n") = 'null';
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('posts_stat.a', (SELECT count(*) FROM "posts_stat" AS c WHERE typeof(c."a") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."a")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('not-null-violations: plain.n', (SELECT count(*) FROM "plain" AS c NOT INDEXED WHERE typeof(c."n") = 'null'), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."posts_stat";
DROP VIEW IF EXISTS temp."plain";

-- Left unchanged:
--   not-null-violations: 1 row of posts_tag (n): the module mystery of posts is not known here, and may have made this table
