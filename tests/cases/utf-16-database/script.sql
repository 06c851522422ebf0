-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   tags: 1 of 3 rows changed
--   notes: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- These views let nothing be written but inside the transaction, whatever rolls it back.
CREATE TEMP VIEW IF NOT EXISTS "tags" AS SELECT * FROM main."tags";
CREATE TEMP VIEW IF NOT EXISTS "notes" AS SELECT * FROM main."notes";
BEGIN;
DROP VIEW temp."tags";
DROP VIEW temp."notes";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- tags.word: the rows that have no parent now; no other one may lose its own.
DROP TABLE IF EXISTS temp.sqlfix_orphans_0;
CREATE TEMP TABLE sqlfix_orphans_0 AS SELECT +c."id" AS k0 FROM "tags" AS c WHERE c."word" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "words" AS p WHERE p."word" = +c."word");
CREATE INDEX temp.sqlfix_orphans_0_key ON sqlfix_orphans_0 (k0);

-- 1. set 1 value of tags.word to NULL: no parent in words [set-null]
UPDATE "tags" AS c SET "word" = NULL WHERE c."word" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "words" AS p WHERE p."word" = +c."word") AND NOT CASE WHEN (CASE typeof(c."word") WHEN 'text' THEN CASE WHEN length(lower(replace(replace(replace(trim(c."word", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(c."word", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(c."word", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(c."word", char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(c."word", char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(c."word", char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(c."word", char(9, 10, 11, 12, 13, 32, 160))) END WHEN 'integer' THEN CAST(c."word" AS TEXT) WHEN 'real' THEN CASE WHEN c."word" = CAST(c."word" AS INTEGER) THEN CAST(CAST(c."word" AS INTEGER) AS TEXT) END WHEN 'blob' THEN CASE length(c."word") WHEN 16 THEN lower(hex(c."word")) ELSE CASE WHEN length(lower(replace(replace(replace(trim(CAST(c."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(CAST(c."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(CAST(c."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(CAST(c."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(CAST(c."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(CAST(c."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(CAST(c."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160))) END END END) IN (SELECT CASE typeof(p."word") WHEN 'text' THEN CASE WHEN length(lower(replace(replace(replace(trim(p."word", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(p."word", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(p."word", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(p."word", char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(p."word", char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(p."word", char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(p."word", char(9, 10, 11, 12, 13, 32, 160))) END WHEN 'integer' THEN CAST(p."word" AS TEXT) WHEN 'real' THEN CASE WHEN p."word" = CAST(p."word" AS INTEGER) THEN CAST(CAST(p."word" AS INTEGER) AS TEXT) END WHEN 'blob' THEN CASE length(p."word") WHEN 16 THEN lower(hex(p."word")) ELSE CASE WHEN length(lower(replace(replace(replace(trim(CAST(p."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(CAST(p."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(CAST(p."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(CAST(p."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(CAST(p."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(CAST(p."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(CAST(p."word" AS TEXT), char(9, 10, 11, 12, 13, 32, 160))) END END END FROM "words" AS p GROUP BY 1 HAVING count(*) = 1) THEN 1 WHEN (CASE typeof(c."word") WHEN 'text' THEN trim(c."word", char(9, 10, 11, 12, 13, 32, 160)) WHEN 'integer' THEN CAST(c."word" AS TEXT) END) IN (SELECT CASE typeof(p."word") WHEN 'text' THEN trim(p."word", char(9, 10, 11, 12, 13, 32, 160)) WHEN 'integer' THEN CAST(p."word" AS TEXT) END FROM "words" AS p GROUP BY 1 HAVING count(*) = 1) THEN 1 ELSE 0 END;
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of notes.word to 'ü🐘': no parent in words, as you chose [update]
UPDATE "notes" AS c SET "word" = 'ü🐘' WHERE typeof(c."word") <> 'null' AND NOT EXISTS (SELECT 1 FROM "words" AS p WHERE p."word" = +c."word");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Each step met as many rows as it says, or none at all (a second run), and no more is at fault than is
-- listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('tags.word', (SELECT count(*) FROM "tags" AS c WHERE c."word" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "words" AS p WHERE p."word" = +c."word")), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('notes.word', (SELECT count(*) FROM "notes" AS c WHERE typeof(c."word") <> 'null' AND NOT EXISTS (SELECT 1 FROM "words" AS p WHERE p."word" = +c."word")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('tags.word: rows that have lost their parent', (SELECT count(*) FROM "tags" AS c WHERE c."word" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "words" AS p WHERE p."word" = +c."word") AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_orphans_0 AS b WHERE b.k0 = +c."id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
DROP TABLE temp.sqlfix_orphans_0;
COMMIT;
DROP VIEW IF EXISTS temp."tags";
DROP VIEW IF EXISTS temp."notes";

-- Left as it is:
--   orphan-rows: 1 row of tags (word): they match a parent but for the spelling of their keys, so neither deleting nor emptying them is right
