-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   tenants: 1 row added to 1
--   docs: 3 rows added to 2
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "tenants" AS SELECT * FROM main."tenants";
CREATE TEMP VIEW IF NOT EXISTS "docs" AS SELECT * FROM main."docs";
BEGIN;
DROP VIEW temp."tenants";
DROP VIEW temp."docs";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. add 1 row to tenants: parents of the stand-ins in docs, as you chose [stand-in]
--    id=2
--    with name='stand-in'
DROP TABLE IF EXISTS temp.sqlfix_missing_1;
CREATE TEMP TABLE sqlfix_missing_1 AS SELECT DISTINCT c."tenant" COLLATE BINARY AS k0, CASE WHEN typeof(+c."doc") = 'text' AND CAST(+c."doc" AS NUMERIC) = +c."doc" THEN CAST(+c."doc" AS NUMERIC) ELSE +c."doc" END COLLATE BINARY AS k1 FROM "lines" AS c WHERE typeof(c."tenant") <> 'null' AND typeof(c."doc") <> 'null' AND NOT EXISTS (SELECT 1 FROM "docs" AS p WHERE p."tenant" = +c."tenant" AND p."doc" = +c."doc") AND typeof(CASE WHEN typeof(+c."tenant") = 'text' AND CAST(+c."tenant" AS NUMERIC) = +c."tenant" THEN CAST(+c."tenant" AS NUMERIC) ELSE +c."tenant" END) IN ('integer', 'real') AND typeof(CASE WHEN typeof(+c."doc") = 'text' AND CAST(+c."doc" AS NUMERIC) = +c."doc" THEN CAST(+c."doc" AS NUMERIC) ELSE +c."doc" END) IN ('integer', 'real');
CREATE INDEX temp.sqlfix_missing_1_key ON sqlfix_missing_1 (k0, k1);
INSERT INTO "tenants" ("id", "name") SELECT k.k0, 'stand-in' FROM (SELECT DISTINCT k.k0 COLLATE BINARY AS k0 FROM (SELECT k0, k1 FROM temp.sqlfix_missing_1) AS k WHERE NOT EXISTS (SELECT 1 FROM "tenants" AS p WHERE p."id" = +k.k0)) AS k WHERE 1;
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. add 3 rows to docs: stand-ins for the missing parents of lines.tenant,doc, as you chose [stand-in]
--    tenant=1, doc=9, title='1-9'
--    tenant=2, doc=5, title='2-5'
--    tenant=1, doc=0, title='1-0'
INSERT OR ABORT INTO "docs" ("tenant", "doc", "title") SELECT k.k0, k.k1, k.k0 || '-' || k.k1 FROM (SELECT k0, k1 FROM temp.sqlfix_missing_1) AS k WHERE 1;
INSERT INTO temp.sqlfix_done VALUES (2, 3, changes());
DROP TABLE temp.sqlfix_missing_1;

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('lines.tenant,doc', (SELECT count(*) FROM "lines" AS c WHERE typeof(c."tenant") <> 'null' AND typeof(c."doc") <> 'null' AND NOT EXISTS (SELECT 1 FROM "docs" AS p WHERE p."tenant" = +c."tenant" AND p."doc" = +c."doc")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('docs.tenant', (SELECT count(*) FROM "docs" AS c WHERE typeof(c."tenant") <> 'null' AND NOT EXISTS (SELECT 1 FROM "tenants" AS p WHERE p."id" = +c."tenant")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."tenants";
DROP VIEW IF EXISTS temp."docs";
