-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   items: 4 of 6 rows changed
--   tags: 5 of 6 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 4 values of items.series_id to NULL: no parent in series [set-null]
UPDATE "items" AS c SET "series_id" = NULL WHERE c."series_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "series" AS p WHERE p."id" = +c."series_id");

-- 2. set 5 values of tags.word to NULL: no parent in words [set-null]
UPDATE "tags" AS c SET "word" = NULL WHERE c."word" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "words" AS p WHERE p."word" = +c."word");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('items.series_id', (SELECT count(*) FROM "items" AS c WHERE c."series_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "series" AS p WHERE p."id" = +c."series_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('tags.word', (SELECT count(*) FROM "tags" AS c WHERE c."word" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "words" AS p WHERE p."word" = +c."word")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
