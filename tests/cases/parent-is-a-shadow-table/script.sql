-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   note: 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 1 value of note.doc_id to NULL: no parent in doc_content [set-null]
UPDATE "note" AS c SET "doc_id" = NULL WHERE c."doc_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "doc_content" AS p WHERE p."id" = +c."doc_id");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('note.doc_id', (SELECT count(*) FROM "note" AS c WHERE c."doc_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "doc_content" AS p WHERE p."id" = +c."doc_id")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
