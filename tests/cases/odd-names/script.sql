-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   : 1 of 2 rows deleted
--   it's "here": 1 of 2 rows changed
--   select: 1 of 2 rows changed
--   line\nbreak; -- DROP: 1 of 2 rows changed
--   🐘: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "" AS SELECT * FROM main."";
CREATE TEMP VIEW IF NOT EXISTS "it's ""here""" AS SELECT * FROM main."it's ""here""";
CREATE TEMP VIEW IF NOT EXISTS "select" AS SELECT * FROM main."select";
CREATE TEMP VIEW IF NOT EXISTS "line
break; -- DROP" AS SELECT * FROM main."line
break; -- DROP";
CREATE TEMP VIEW IF NOT EXISTS "🐘" AS SELECT * FROM main."🐘";
BEGIN;
DROP VIEW temp."";
DROP VIEW temp."it's ""here""";
DROP VIEW temp."select";
DROP VIEW temp."line
break; -- DROP";
DROP VIEW temp."🐘";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of "": no parent in it's "here" (group) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set '""."group"=stand-in', --set '""."group"=update:KEY' or --set '""."group"=keep'
DELETE FROM "" AS c WHERE typeof(c."group") <> 'null' AND NOT EXISTS (SELECT 1 FROM "it's ""here""" AS p WHERE p."a b" = +c."group");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of it's "here".x'y to NULL: no parent in line\nbreak; -- DROP [set-null, the schema is silent]
UPDATE "it's ""here""" AS c SET "x'y" = NULL WHERE c."x'y" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "line
break; -- DROP" AS p WHERE p."id]" = +c."x'y");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. set 1 value of select.where to NULL: no parent in "" [set-null, the schema is silent]
UPDATE "select" AS c SET "where" = NULL WHERE c."where" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "" AS p WHERE p."" = +c."where");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- 4. set 1 value of line\nbreak; -- DROP.key\ntwo to NULL: no parent in select [set-null, the schema is silent]
UPDATE "line
break; -- DROP" AS c SET "key
two" = NULL WHERE c."key
two" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "select" AS p WHERE p."from" = +c."key
two");
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- 5. set 1 value of 🐘.%s to NULL: no parent in 🐘 [set-null, the schema is silent]
UPDATE "🐘" AS c SET "%s" = NULL WHERE c."%s" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "🐘" AS p WHERE p."é" = +c."%s");
INSERT INTO temp.sqlfix_done VALUES (5, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('.group', (SELECT count(*) FROM "" AS c WHERE typeof(c."group") <> 'null' AND NOT EXISTS (SELECT 1 FROM "it's ""here""" AS p WHERE p."a b" = +c."group")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('it''s "here".x''y', (SELECT count(*) FROM "it's ""here""" AS c WHERE c."x'y" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "line
break; -- DROP" AS p WHERE p."id]" = +c."x'y")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('select.where', (SELECT count(*) FROM "select" AS c WHERE c."where" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "" AS p WHERE p."" = +c."where")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('line\nbreak; -- DROP.key\ntwo', (SELECT count(*) FROM "line
break; -- DROP" AS c WHERE c."key
two" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "select" AS p WHERE p."from" = +c."key
two")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('🐘.%s', (SELECT count(*) FROM "🐘" AS c WHERE c."%s" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "🐘" AS p WHERE p."é" = +c."%s")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 6 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."";
DROP VIEW IF EXISTS temp."it's ""here""";
DROP VIEW IF EXISTS temp."select";
DROP VIEW IF EXISTS temp."line
break; -- DROP";
DROP VIEW IF EXISTS temp."🐘";
