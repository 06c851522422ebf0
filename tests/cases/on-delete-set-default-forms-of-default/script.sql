-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   things: 4 of 4 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of things.a to 'spare': no parent in kinds [set-default]
UPDATE "things" AS c SET "a" = 'spare' WHERE c."a" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."a");

-- 2. set 1 value of things.b to 'last resort': no parent in kinds [set-default]
UPDATE "things" AS c SET "b" = 'last resort' WHERE c."b" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."b");

-- 3. set 1 value of things.c to ('a' || 'b'): no parent in kinds [set-default]
UPDATE "things" AS c SET "c" = ('a' || 'b') WHERE c."c" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."c");

-- 4. set 1 value of things.d to (-5): no parent in kinds [set-default]
UPDATE "things" AS c SET "d" = (-5) WHERE c."d" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."d");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('things.a', (SELECT count(*) FROM "things" AS c WHERE c."a" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."a")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('things.b', (SELECT count(*) FROM "things" AS c WHERE c."b" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."b")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('things.c', (SELECT count(*) FROM "things" AS c WHERE c."c" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."c")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('things.d', (SELECT count(*) FROM "things" AS c WHERE c."d" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "kinds" AS p WHERE p."code" = +c."d")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
