-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 12 rows of items (owner_id): they match a parent except for spelling, so it would be wrong to delete them or to set them to NULL
