-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   author: 1 of 2 rows deleted
--   posts_stat: 1 of 2 rows deleted
--   doc_content: 2 of 3 rows deleted
--   note: 2 of 3 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "author" AS SELECT * FROM main."author";
CREATE TEMP VIEW IF NOT EXISTS "posts_stat" AS SELECT * FROM main."posts_stat";
CREATE TEMP VIEW IF NOT EXISTS "doc_content" AS SELECT * FROM main."doc_content";
CREATE TEMP VIEW IF NOT EXISTS "note" AS SELECT * FROM main."note";
BEGIN;
DROP VIEW temp."author";
DROP VIEW temp."posts_stat";
DROP VIEW temp."doc_content";
DROP VIEW temp."note";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of author: no parent in org (org) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set author.org=stand-in, =update:KEY or =keep
DELETE FROM "author" AS c WHERE typeof(c."org") <> 'null' AND NOT EXISTS (SELECT 1 FROM "org" AS p WHERE p."id" = +c."org");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. delete 1 row of posts_stat: no parent in author (author_id); follows from the above [delete-rows, the schema is silent]
-- to lose less: --set posts_stat.author_id=update:KEY or =keep
DELETE FROM "posts_stat" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."author_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- 3. delete 2 rows of doc_content: no parent in author (author_id); 1 of them loses it through this plan [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set doc_content.author_id=stand-in, =update:KEY or =keep
DELETE FROM "doc_content" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."author_id");
INSERT INTO temp.sqlfix_done VALUES (3, 2, changes());

-- 4. set 2 values of note.doc_id to NULL: no parent in doc_content; 1 of them loses it through this plan [set-null, the schema is silent]
UPDATE "note" AS c SET "doc_id" = NULL WHERE c."doc_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "doc_content" AS p WHERE p."id" = +c."doc_id");
INSERT INTO temp.sqlfix_done VALUES (4, 2, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('author.org', (SELECT count(*) FROM "author" AS c WHERE typeof(c."org") <> 'null' AND NOT EXISTS (SELECT 1 FROM "org" AS p WHERE p."id" = +c."org")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('posts_stat.author_id', (SELECT count(*) FROM "posts_stat" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."author_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('doc_content.author_id', (SELECT count(*) FROM "doc_content" AS c WHERE typeof(c."author_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "author" AS p WHERE p."id" = +c."author_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('note.doc_id', (SELECT count(*) FROM "note" AS c WHERE c."doc_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "doc_content" AS p WHERE p."id" = +c."doc_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 5 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."author";
DROP VIEW IF EXISTS temp."posts_stat";
DROP VIEW IF EXISTS temp."doc_content";
DROP VIEW IF EXISTS temp."note";
