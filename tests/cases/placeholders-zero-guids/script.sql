-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   by_blob: 1 of 2 rows changed
--   by_text: 4 of 5 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of by_blob.k to NULL: it stands for "none" [set-null]
UPDATE "by_blob" AS c SET "k" = NULL WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "blobs" AS p WHERE p."id" = +c."k");

-- 2. set 4 values of by_text.k to NULL: no parent in texts [set-null]
UPDATE "by_text" AS c SET "k" = NULL WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "texts" AS p WHERE p."id" = +c."k");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('by_blob.k', (SELECT count(*) FROM "by_blob" AS c WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "blobs" AS p WHERE p."id" = +c."k")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('by_text.k', (SELECT count(*) FROM "by_text" AS c WHERE c."k" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "texts" AS p WHERE p."id" = +c."k")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
