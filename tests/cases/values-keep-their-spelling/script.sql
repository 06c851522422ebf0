-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   c: 1 of 2 rows changed
--   d: 1 of 2 rows changed
--   e: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of c.zip to '07001': no parent in zip, as you chose [update]
UPDATE "c" AS c SET "zip" = '07001' WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "zip" AS p WHERE p."code" COLLATE "BINARY" = +c."zip");

-- 2. set 1 value of d.zip to 7001: no parent in number, as you chose [update]
UPDATE "d" AS c SET "zip" = 7001 WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "number" AS p WHERE p."code" = +c."zip");

-- 3. set 1 value of e.zip to '07001': no parent in zip, as you chose [update]
UPDATE "e" AS c SET "zip" = '07001' WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "zip" AS p WHERE p."code" COLLATE "BINARY" = +c."zip");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('c.zip', (SELECT count(*) FROM "c" AS c WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "zip" AS p WHERE p."code" COLLATE "BINARY" = +c."zip")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('d.zip', (SELECT count(*) FROM "d" AS c WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "number" AS p WHERE p."code" = +c."zip")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('e.zip', (SELECT count(*) FROM "e" AS c WHERE c."zip" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "zip" AS p WHERE p."code" COLLATE "BINARY" = +c."zip")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
