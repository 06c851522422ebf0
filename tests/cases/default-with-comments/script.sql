-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   c: 5 of 5 rows changed
--   other: 1 of 1 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "c" AS SELECT * FROM main."c";
CREATE TEMP VIEW IF NOT EXISTS "other" AS SELECT * FROM main."other";
BEGIN;
DROP VIEW temp."c";
DROP VIEW temp."other";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. set 1 value of c.a to (1): no parent in p [set-default, as the schema says]
UPDATE "c" AS c SET "a" = (1) WHERE c."a" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."a");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of c.b to (- 5): no parent in p [set-default, as the schema says]
UPDATE "c" AS c SET "b" = (- 5) WHERE c."b" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."b");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. set 1 value of c.c to (1 + 2): no parent in p [set-default, as the schema says]
UPDATE "c" AS c SET "c" = (1 + 2) WHERE c."c" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."c");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());

-- 4. set 1 value of c.d to 'it''s': no parent in p [set-default, as the schema says]
UPDATE "c" AS c SET "d" = 'it''s' WHERE c."d" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."d");
INSERT INTO temp.sqlfix_done VALUES (4, 1, changes());

-- 5. set 1 value of c.e to (NULL): no parent in p [set-default, as the schema says]
UPDATE "c" AS c SET "e" = (NULL) WHERE c."e" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."e");
INSERT INTO temp.sqlfix_done VALUES (5, 1, changes());

-- 6. set 1 value of other.p to NULL: no parent in p [set-null, the schema is silent]
UPDATE "other" AS c SET "p" = NULL WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."p");
INSERT INTO temp.sqlfix_done VALUES (6, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.a', (SELECT count(*) FROM "c" AS c WHERE c."a" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."a")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.b', (SELECT count(*) FROM "c" AS c WHERE c."b" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."b")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.c', (SELECT count(*) FROM "c" AS c WHERE c."c" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."c")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.d', (SELECT count(*) FROM "c" AS c WHERE c."d" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."d")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('c.e', (SELECT count(*) FROM "c" AS c WHERE c."e" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."e")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('other.p', (SELECT count(*) FROM "other" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."p")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 7 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."c";
DROP VIEW IF EXISTS temp."other";
