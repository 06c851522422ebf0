-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   children: 1 of 4 rows changed
PRAGMA foreign_keys = OFF;
-- These views let nothing be written but inside the transaction, whatever rolls it back.
CREATE TEMP VIEW IF NOT EXISTS "children" AS SELECT * FROM main."children";
BEGIN;
DROP VIEW temp."children";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- children.p: the rows that have no parent now; no other one may lose its own.
DROP TABLE IF EXISTS temp.sqlfix_orphans_0;
CREATE TEMP TABLE sqlfix_orphans_0 AS SELECT +c."id" AS k0 FROM "children" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."p");
CREATE INDEX temp.sqlfix_orphans_0_key ON sqlfix_orphans_0 (k0);

-- 1. set 1 value of children.p to NULL: no parent in parents [set-null]
UPDATE "children" AS c SET "p" = NULL WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."p") AND NOT (typeof(c."p") IN ('text', 'blob') AND CASE WHEN (CASE typeof(c."p") WHEN 'text' THEN CASE WHEN length(lower(replace(replace(replace(trim(c."p", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(c."p", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(c."p", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(c."p", char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(c."p", char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(c."p", char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(c."p", char(9, 10, 11, 12, 13, 32, 160))) END WHEN 'integer' THEN CAST(c."p" AS TEXT) WHEN 'real' THEN CASE WHEN c."p" = CAST(c."p" AS INTEGER) THEN CAST(CAST(c."p" AS INTEGER) AS TEXT) END WHEN 'blob' THEN CASE length(c."p") WHEN 16 THEN lower(hex(c."p")) ELSE CASE WHEN length(lower(replace(replace(replace(trim(CAST(c."p" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(CAST(c."p" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(CAST(c."p" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(CAST(c."p" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(CAST(c."p" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(CAST(c."p" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(CAST(c."p" AS TEXT), char(9, 10, 11, 12, 13, 32, 160))) END END END) IN (SELECT CASE typeof(p."id") WHEN 'text' THEN CASE WHEN length(lower(replace(replace(replace(trim(p."id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(p."id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(p."id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(p."id", char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(p."id", char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(p."id", char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(p."id", char(9, 10, 11, 12, 13, 32, 160))) END WHEN 'integer' THEN CAST(p."id" AS TEXT) WHEN 'real' THEN CASE WHEN p."id" = CAST(p."id" AS INTEGER) THEN CAST(CAST(p."id" AS INTEGER) AS TEXT) END WHEN 'blob' THEN CASE length(p."id") WHEN 16 THEN lower(hex(p."id")) ELSE CASE WHEN length(lower(replace(replace(replace(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160))) END END END FROM "parents" AS p GROUP BY 1 HAVING count(*) = 1) THEN 1 WHEN (CASE typeof(c."p") WHEN 'text' THEN trim(c."p", char(9, 10, 11, 12, 13, 32, 160)) WHEN 'integer' THEN CAST(c."p" AS TEXT) END) IN (SELECT CASE typeof(p."id") WHEN 'text' THEN trim(p."id", char(9, 10, 11, 12, 13, 32, 160)) WHEN 'integer' THEN CAST(p."id" AS TEXT) END FROM "parents" AS p GROUP BY 1 HAVING count(*) = 1) THEN 1 ELSE 0 END);
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- Each step met as many rows as it says, or none at all (a second run), and no more is at fault than is
-- listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('children.p', (SELECT count(*) FROM "children" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."p")), 2);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('children.p: rows that have lost their parent', (SELECT count(*) FROM "children" AS c WHERE c."p" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "parents" AS p WHERE p."id" = +c."p") AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_orphans_0 AS b WHERE b.k0 = +c."id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
DROP TABLE temp.sqlfix_orphans_0;
COMMIT;
DROP VIEW IF EXISTS temp."children";

-- Left as it is:
--   orphan-rows: 2 rows of children (p): they match a parent but for the spelling of their keys, so neither deleting nor emptying them is right
