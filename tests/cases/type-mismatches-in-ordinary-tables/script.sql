-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   item: 2 of 6 rows changed
PRAGMA foreign_keys = OFF;
BEGIN;

-- 1. write 2 values of item.sold as BOOLEAN: nothing is lost by it [cast]
UPDATE "item" AS c SET "sold" = lower(c."sold") IN ('true', 't', 'yes', 'y', 'on', '1') WHERE (+c."sold" <> 0 AND +c."sold" <> 1) AND typeof(c."sold") = 'text' AND lower(c."sold") IN ('true', 't', 'yes', 'y', 'on', '1', 'false', 'f', 'no', 'n', 'off', '0');

-- No more may be at fault than is listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, expected INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= expected));
INSERT OR ROLLBACK INTO temp.sqlfix_check VALUES ('type-mismatches: item.sold', (SELECT count(*) FROM "item" AS c NOT INDEXED WHERE (+c."sold" <> 0 AND +c."sold" <> 1) AND typeof(c."sold") = 'text' AND lower(c."sold") IN ('true', 't', 'yes', 'y', 'on', '1', 'false', 'f', 'no', 'n', 'off', '0')), 0);
DROP TABLE temp.sqlfix_check;
COMMIT;

-- Left as it is:
--   type-mismatches: 2 rows of item (stock): what is to stand there has to be decided
--   type-mismatches: 2 rows of item (weight): what is to stand there has to be decided
--   type-mismatches: 1 row of item (price): what is to stand there has to be decided
--   type-mismatches: 1 row of item (sold): what is to stand there has to be decided
--   type-mismatches: 1 row of item (size): what is to stand there has to be decided
