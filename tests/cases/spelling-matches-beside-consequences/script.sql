-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   users: 1 of 2 rows deleted
--   logins: 1 of 3 rows deleted
PRAGMA foreign_keys = OFF;
-- These views let nothing be written but inside the transaction, whatever rolls it back.
CREATE TEMP VIEW IF NOT EXISTS "users" AS SELECT * FROM main."users";
CREATE TEMP VIEW IF NOT EXISTS "logins" AS SELECT * FROM main."logins";
BEGIN;
DROP VIEW temp."users";
DROP VIEW temp."logins";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- logins.user_id: the rows that have no parent now; no other one may lose its own.
DROP TABLE IF EXISTS temp.sqlfix_orphans_1;
CREATE TEMP TABLE sqlfix_orphans_1 AS SELECT +c."id" AS k0 FROM "logins" AS c WHERE typeof(c."user_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id");
CREATE INDEX temp.sqlfix_orphans_1_key ON sqlfix_orphans_1 (k0);

-- 1. delete 1 row of users: no parent in firms (firm_id) [delete-rows]
DELETE FROM "users" AS c WHERE typeof(c."firm_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "firms" AS p WHERE p."id" = +c."firm_id");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of logins: no parent in users (user_id); follows from the above, as ON DELETE CASCADE says [delete-rows]
DELETE FROM "logins" AS c WHERE typeof(c."user_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id") AND NOT CASE WHEN (CASE typeof(c."user_id") WHEN 'text' THEN CASE WHEN length(lower(replace(replace(replace(trim(c."user_id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(c."user_id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(c."user_id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(c."user_id", char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(c."user_id", char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(c."user_id", char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(c."user_id", char(9, 10, 11, 12, 13, 32, 160))) END WHEN 'integer' THEN CAST(c."user_id" AS TEXT) WHEN 'real' THEN CASE WHEN c."user_id" = CAST(c."user_id" AS INTEGER) THEN CAST(CAST(c."user_id" AS INTEGER) AS TEXT) END WHEN 'blob' THEN CASE length(c."user_id") WHEN 16 THEN lower(hex(c."user_id")) ELSE CASE WHEN length(lower(replace(replace(replace(trim(CAST(c."user_id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(CAST(c."user_id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(CAST(c."user_id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(CAST(c."user_id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(CAST(c."user_id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(CAST(c."user_id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(CAST(c."user_id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160))) END END END) IN (SELECT CASE typeof(p."id") WHEN 'text' THEN CASE WHEN length(lower(replace(replace(replace(trim(p."id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(p."id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(p."id", char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(p."id", char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(p."id", char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(p."id", char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(p."id", char(9, 10, 11, 12, 13, 32, 160))) END WHEN 'integer' THEN CAST(p."id" AS TEXT) WHEN 'real' THEN CASE WHEN p."id" = CAST(p."id" AS INTEGER) THEN CAST(CAST(p."id" AS INTEGER) AS TEXT) END WHEN 'blob' THEN CASE length(p."id") WHEN 16 THEN lower(hex(p."id")) ELSE CASE WHEN length(lower(replace(replace(replace(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', ''))) = 32 AND lower(replace(replace(replace(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) NOT GLOB '*[^0-9a-f]*' THEN lower(replace(replace(replace(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '-', ''), '{', ''), '}', '')) WHEN trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) <> '' AND trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)) NOT GLOB '*[^0-9]*' THEN ifnull(nullif(ltrim(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160)), '0'), ''), '0') ELSE lower(trim(CAST(p."id" AS TEXT), char(9, 10, 11, 12, 13, 32, 160))) END END END FROM "users" AS p GROUP BY 1 HAVING count(*) = 1) THEN 1 WHEN (CASE typeof(c."user_id") WHEN 'text' THEN trim(c."user_id", char(9, 10, 11, 12, 13, 32, 160)) WHEN 'integer' THEN CAST(c."user_id" AS TEXT) END) IN (SELECT CASE typeof(p."id") WHEN 'text' THEN trim(p."id", char(9, 10, 11, 12, 13, 32, 160)) WHEN 'integer' THEN CAST(p."id" AS TEXT) END FROM "users" AS p GROUP BY 1 HAVING count(*) = 1) THEN 1 ELSE 0 END;
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Each step met as many rows as it says, or none at all (a second run), and no more is at fault than is
-- listed as left: else all of it is taken back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('users.firm_id', (SELECT count(*) FROM "users" AS c WHERE typeof(c."firm_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "firms" AS p WHERE p."id" = +c."firm_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('logins.user_id', (SELECT count(*) FROM "logins" AS c WHERE typeof(c."user_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id")), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('logins.user_id: rows that have lost their parent', (SELECT count(*) FROM "logins" AS c WHERE typeof(c."user_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id") AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_orphans_1 AS b WHERE b.k0 = +c."id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 4 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
DROP TABLE temp.sqlfix_orphans_1;
COMMIT;
DROP VIEW IF EXISTS temp."users";
DROP VIEW IF EXISTS temp."logins";

-- Left as it is:
--   orphan-rows: 1 row of logins (user_id): they match a parent but for the spelling of their keys, so neither deleting nor emptying them is right
