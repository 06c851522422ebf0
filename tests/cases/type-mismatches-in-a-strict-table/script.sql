-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   t: 1 of 8 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. write 1 value of t.b as BLOB: nothing is lost by it [cast]
UPDATE "t" AS c SET "b" = CAST(c."b" AS BLOB) WHERE (typeof(c."b") NOT IN ('blob', 'null')) AND typeof(c."b") = 'text';

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('type-mismatches: t.b', (SELECT count(*) FROM "t" AS c NOT INDEXED WHERE (typeof(c."b") NOT IN ('blob', 'null')) AND typeof(c."b") = 'text'), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   type-mismatches: 4 rows of t (n): SQLite refuses it: cannot store TEXT value in BLOB column t.b
--   type-mismatches: 2 rows of t (r): SQLite refuses it: cannot store TEXT value in BLOB column t.b
--   type-mismatches: 2 rows of t (s): SQLite refuses it: cannot store TEXT value in BLOB column t.b
--   type-mismatches: 2 rows of t (b): what is to stand there has to be decided
