-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   children: 2 of 6 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. set 2 values of children.p to NULL: no parent in parents [set-null]
UPDATE "children" AS c SET "p" = NULL WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."p");

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('children.p', (SELECT count(*) FROM "children" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."p")), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;
