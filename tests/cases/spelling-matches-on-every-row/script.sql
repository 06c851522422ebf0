-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 12 rows of items (owner_id): they match a parent but for the spelling of their keys, so neither deleting nor emptying them is right
