-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   missing-parent-table: posts (gone_id): the schema is at fault, not the rows; sqlfix repair-schema corrects it, or says what is in the way
--   broken-triggers: posts: a repair does not fix this
