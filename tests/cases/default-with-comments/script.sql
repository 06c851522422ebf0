-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   c: 5 of 5 rows changed
--   other: 1 of 1 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of c.a to (1): no parent in p [set-default]
UPDATE "c" AS c SET "a" = (1) WHERE c."a" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."a");

-- 2. set 1 value of c.b to (- 5): no parent in p [set-default]
UPDATE "c" AS c SET "b" = (- 5) WHERE c."b" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."b");

-- 3. set 1 value of c.c to (1 + 2): no parent in p [set-default]
UPDATE "c" AS c SET "c" = (1 + 2) WHERE c."c" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."c");

-- 4. set 1 value of c.d to 'it''s': no parent in p [set-default]
UPDATE "c" AS c SET "d" = 'it''s' WHERE c."d" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."d");

-- 5. set 1 value of c.e to (NULL): no parent in p [set-default]
UPDATE "c" AS c SET "e" = (NULL) WHERE c."e" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."e");

-- 6. set 1 value of other.p to NULL: no parent in p [set-null]
UPDATE "other" AS c SET "p" = NULL WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."p");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('c.a', (SELECT count(*) FROM "c" AS c WHERE c."a" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."a")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('c.b', (SELECT count(*) FROM "c" AS c WHERE c."b" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."b")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('c.c', (SELECT count(*) FROM "c" AS c WHERE c."c" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."c")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('c.d', (SELECT count(*) FROM "c" AS c WHERE c."d" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."d")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('c.e', (SELECT count(*) FROM "c" AS c WHERE c."e" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."e")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('other.p', (SELECT count(*) FROM "other" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."id" COLLATE "BINARY" = +c."p")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
