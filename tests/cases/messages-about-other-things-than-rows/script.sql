-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   missing-parent-table: posts (gone_id): the schema is at fault, not the rows; correct the schema first
--   broken-triggers: posts: a repair does not fix this
