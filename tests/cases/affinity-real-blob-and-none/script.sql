-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   of_real: 1 of 3 rows changed
--   of_blob: 1 of 2 rows changed
--   of_any: 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of of_real.k to NULL: no parent in real_parents [set-null]
UPDATE "of_real" AS c SET "k" = NULL WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "real_parents" AS p WHERE p."k" = +c."k");

-- 2. set 1 value of of_blob.k to NULL: no parent in blob_parents [set-null]
UPDATE "of_blob" AS c SET "k" = NULL WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "blob_parents" AS p WHERE p."k" = +c."k");

-- 3. set 1 value of of_any.k to NULL: no parent in any_parents [set-null]
UPDATE "of_any" AS c SET "k" = NULL WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "any_parents" AS p WHERE p."k" = +c."k");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('of_real.k', (SELECT count(*) FROM "of_real" AS c WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "real_parents" AS p WHERE p."k" = +c."k")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('of_blob.k', (SELECT count(*) FROM "of_blob" AS c WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "blob_parents" AS p WHERE p."k" = +c."k")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('of_any.k', (SELECT count(*) FROM "of_any" AS c WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "any_parents" AS p WHERE p."k" = +c."k")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
