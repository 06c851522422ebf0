-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   b: 1 of 2 rows deleted
--   c: 1 of 2 rows deleted
--   d: 1 of 2 rows deleted
--   e: 1 of 2 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "b" AS SELECT * FROM main."b";
CREATE TEMP VIEW IF NOT EXISTS "c" AS SELECT * FROM main."c";
CREATE TEMP VIEW IF NOT EXISTS "d" AS SELECT * FROM main."d";
CREATE TEMP VIEW IF NOT EXISTS "e" AS SELECT * FROM main."e";
BEGIN;
DROP VIEW temp."b";
DROP VIEW temp."c";
DROP VIEW temp."d";
DROP VIEW temp."e";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of b: no parent in a (a_id) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set b.a_id=stand-in, =update:KEY or =keep
DELETE FROM "b" AS c WHERE typeof(c."a_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."id" = +c."a_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of c: no parent in b (b_id); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set c.b_id=update:KEY or =keep
DELETE FROM "c" AS c WHERE typeof(c."b_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."id" = +c."b_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. delete 1 row of d: no parent in c (c_id); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set d.c_id=update:KEY or =keep
DELETE FROM "d" AS c WHERE typeof(c."c_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "c" AS p WHERE p."id" = +c."c_id");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- 4. delete 1 row of e: no parent in d (d_id); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set e.d_id=update:KEY or =keep
DELETE FROM "e" AS c WHERE typeof(c."d_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "d" AS p WHERE p."id" = +c."d_id");
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('e.d_id', (SELECT count(*) FROM "e" AS c WHERE typeof(c."d_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "d" AS p WHERE p."id" = +c."d_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('d.c_id', (SELECT count(*) FROM "d" AS c WHERE typeof(c."c_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "c" AS p WHERE p."id" = +c."c_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.b_id', (SELECT count(*) FROM "c" AS c WHERE typeof(c."b_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "b" AS p WHERE p."id" = +c."b_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('b.a_id', (SELECT count(*) FROM "b" AS c WHERE typeof(c."a_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "a" AS p WHERE p."id" = +c."a_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 5 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."b";
DROP VIEW IF EXISTS temp."c";
DROP VIEW IF EXISTS temp."d";
DROP VIEW IF EXISTS temp."e";
