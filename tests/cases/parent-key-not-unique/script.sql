-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   sound: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of sound.x to NULL: no parent in p [set-null]
UPDATE "sound" AS c SET "x" = NULL WHERE c."x" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."f" = +c."x");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('sound.x', (SELECT count(*) FROM "sound" AS c WHERE c."x" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "p" AS p WHERE p."f" = +c."x")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   parent-key-not-unique: none (x): the schema is at fault, not the rows; it has to be mended first
--   parent-key-not-unique: plain_index (x): the schema is at fault, not the rows; it has to be mended first
--   parent-key-not-unique: partial (x): the schema is at fault, not the rows; it has to be mended first
--   parent-key-not-unique: expression (x): the schema is at fault, not the rows; it has to be mended first
--   parent-key-not-unique: other_collation (x): the schema is at fault, not the rows; it has to be mended first
--   parent-key-not-unique: of_view (x): the schema is at fault, not the rows; it has to be mended first
--   parent-key-not-unique: no_pk (x): the schema is at fault, not the rows; it has to be mended first
