-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   users: 1 row added to 1
--   posts: 2 of 3 rows changed
--   likes: 1 of 2 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "users" AS SELECT * FROM main."users";
CREATE TEMP VIEW IF NOT EXISTS "posts" AS SELECT * FROM main."posts";
CREATE TEMP VIEW IF NOT EXISTS "likes" AS SELECT * FROM main."likes";
BEGIN;
DROP VIEW temp."users";
DROP VIEW temp."posts";
DROP VIEW temp."likes";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- visits.user_id: note the rows that have no parent now. No other row may lose its parent.
DROP TABLE IF EXISTS temp.sqlfix_orphans_0;
CREATE TEMP TABLE sqlfix_orphans_0 AS SELECT +c."id" AS k0 FROM "visits" AS c WHERE c."user_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id");
CREATE INDEX temp.sqlfix_orphans_0_key ON sqlfix_orphans_0 (k0);

-- 1. add 1 row to users: stand-ins for the missing parents of posts.user_id, as you chose [stand-in]
--    id=8, email='deleted-8@example.invalid'
--    with name='deleted'
DROP TABLE IF EXISTS temp.sqlfix_free_1;
CREATE TEMP TABLE sqlfix_free_1 AS SELECT ifnull(max(m), 0) + 1 AS free FROM (SELECT 0 AS m UNION ALL SELECT max("id") AS m FROM "users" WHERE typeof("id") = 'integer' UNION ALL SELECT max("user_id") AS m FROM "posts" WHERE typeof("user_id") = 'integer' UNION ALL SELECT max("user_id") AS m FROM "likes" WHERE typeof("user_id") = 'integer' UNION ALL SELECT max("user_id") AS m FROM "visits" WHERE typeof("user_id") = 'integer' UNION ALL SELECT max(seq) FROM sqlite_sequence WHERE name = 'users');
INSERT INTO "users" ("id", "name", "email") SELECT k.k0, 'deleted', 'deleted-' || k.k0 || '@example.invalid' FROM (SELECT (SELECT free FROM temp.sqlfix_free_1) AS k0 WHERE EXISTS (SELECT 1 FROM "posts" AS c WHERE typeof(c."user_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id")) OR EXISTS (SELECT 1 FROM "likes" AS c WHERE c."user_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id"))) AS k WHERE 1;
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 2 values of posts.user_id to the key of the stand-in: no parent in users, as you chose [stand-in]
UPDATE "posts" AS c SET "user_id" = (SELECT free FROM temp.sqlfix_free_1) WHERE typeof(c."user_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id");
INSERT INTO temp.sqlfix_done VALUES (2, 2, changes());

-- 3. set 1 value of likes.user_id to the key of the stand-in: no parent in users, as you chose [stand-in]
UPDATE "likes" AS c SET "user_id" = (SELECT free FROM temp.sqlfix_free_1) WHERE c."user_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id");
INSERT INTO temp.sqlfix_done VALUES (3, 1, changes());
DROP TABLE temp.sqlfix_free_1;

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('visits.user_id', (SELECT count(*) FROM "visits" AS c WHERE c."user_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id")), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('likes.user_id', (SELECT count(*) FROM "likes" AS c WHERE c."user_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('posts.user_id', (SELECT count(*) FROM "posts" AS c WHERE typeof(c."user_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('visits.user_id: rows that have lost their parent', (SELECT count(*) FROM "visits" AS c WHERE c."user_id" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "users" AS p WHERE p."id" = +c."user_id") AND NOT EXISTS (SELECT 1 FROM temp.sqlfix_orphans_0 AS b WHERE b.k0 = +c."id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 5 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
DROP TABLE temp.sqlfix_orphans_0;
COMMIT;
DROP VIEW IF EXISTS temp."users";
DROP VIEW IF EXISTS temp."posts";
DROP VIEW IF EXISTS temp."likes";

-- Left unchanged:
--   orphan-rows: 1 row of visits (user_id): kept, as you chose
