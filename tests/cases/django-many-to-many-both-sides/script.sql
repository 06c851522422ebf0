-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   lib_book_tags: 3 of 4 rows deleted
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "lib_book_tags" AS SELECT * FROM main."lib_book_tags";
BEGIN;
DROP VIEW temp."lib_book_tags";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 2 link rows of lib_book_tags: no parent in lib_book (book_id) [delete-rows, a link needs both ends]
DELETE FROM "lib_book_tags" AS c WHERE typeof(c."book_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_book" AS p WHERE p."id" = +c."book_id");
INSERT INTO temp.sqlfix_done VALUES (1, 2, changes());

-- 2. delete 1 link row of lib_book_tags: no parent in lib_tag (tag_id) [delete-rows, a link needs both ends]
DELETE FROM "lib_book_tags" AS c WHERE typeof(c."tag_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_tag" AS p WHERE p."id" = +c."tag_id");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('lib_book_tags.book_id', (SELECT count(*) FROM "lib_book_tags" AS c WHERE typeof(c."book_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_book" AS p WHERE p."id" = +c."book_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('lib_book_tags.tag_id', (SELECT count(*) FROM "lib_book_tags" AS c WHERE typeof(c."tag_id") <> 'null' AND NOT EXISTS (SELECT 1 FROM "lib_tag" AS p WHERE p."id" = +c."tag_id")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."lib_book_tags";
