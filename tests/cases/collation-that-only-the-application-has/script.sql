-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
--   cards: 1 of 3 rows deleted, 1 of 3 rows changed
PRAGMA foreign_keys = OFF;
-- If anything rolls the transaction back, these views keep the statements after it from writing to a table.
CREATE TEMP VIEW IF NOT EXISTS "cards" AS SELECT * FROM main."cards";
BEGIN;
DROP VIEW temp."cards";
DROP TABLE IF EXISTS temp.sqlfix_done;
CREATE TEMP TABLE sqlfix_done (step INTEGER, planned INTEGER, rows INTEGER);

-- 1. delete 1 row of cards: no parent in notes (nid) [delete-rows, the schema is silent]
-- to lose less: --donor OLDER.db, --set cards.nid=stand-in, =update:KEY or =keep
DELETE FROM "cards" AS c WHERE typeof(c."nid") <> 'null' AND NOT EXISTS (SELECT 1 FROM "notes" AS p WHERE p."id" = +c."nid");
INSERT INTO temp.sqlfix_done VALUES (1, 1, changes());

-- 2. set 1 value of cards.did to NULL: no parent in decks [set-null, the schema is silent]
UPDATE "cards" AS c SET "did" = NULL WHERE c."did" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "decks" AS p WHERE p."id" = +c."did");
INSERT INTO temp.sqlfix_done VALUES (2, 1, changes());

-- Check: each step met as many rows as it says (or no rows at all: a second run), and nothing more is at fault
-- than is listed as left. Otherwise everything is rolled back.
DROP TABLE IF EXISTS temp.sqlfix_check;
CREATE TEMP TABLE sqlfix_check (what TEXT, rows INTEGER, planned INTEGER, most INTEGER, CONSTRAINT "faults remain: nothing was changed" CHECK (rows <= most), CONSTRAINT "not the rows that were planned: nothing was changed" CHECK (rows = planned), CONSTRAINT "foreign keys are enforced: nothing was changed" CHECK (what <> 'PRAGMA foreign_keys' OR rows = 0));
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('PRAGMA foreign_keys', (SELECT foreign_keys FROM temp.pragma_foreign_keys), 1);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('cards.nid', (SELECT count(*) FROM "cards" AS c WHERE typeof(c."nid") <> 'null' AND NOT EXISTS (SELECT 1 FROM "notes" AS p WHERE p."id" = +c."nid")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, most) VALUES ('cards.did', (SELECT count(*) FROM "cards" AS c WHERE c."did" IS NOT NULL AND NOT EXISTS (SELECT 1 FROM "decks" AS p WHERE p."id" = +c."did")), 0);
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'checks', count(*), 3 FROM temp.sqlfix_check;
INSERT OR ROLLBACK INTO temp.sqlfix_check (what, rows, planned) SELECT 'step ' || step, sum(rows), planned FROM temp.sqlfix_done WHERE (SELECT sum(rows) FROM temp.sqlfix_done) <> 0 GROUP BY step;
DROP TABLE temp.sqlfix_check;
DROP TABLE temp.sqlfix_done;
COMMIT;
DROP VIEW IF EXISTS temp."cards";

-- Left unchanged:
--   not-checked: cards (tag): tags cannot be read: no such collation sequence: unicase; it belongs to the application
--   not-checked: tags: the table cannot be read: no such collation sequence: unicase; it belongs to the application
