-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 2 rows of bookmarks (place_id): SQLite refuses it: CHECK constraint failed: kind <> 1 OR place_id IS NOT NULL
