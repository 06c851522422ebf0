-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   missing-parent-table: admin_log (user_id): the schema is at fault, not the rows; correct the schema first
--   missing-parent-table: shelf (shop_id): the schema is at fault, not the rows; correct the schema first
--   missing-parent-table: hauntings (ghost_id): the schema is at fault, not the rows; correct the schema first
--   unfinished-migration: 1 row of new__shop: a repair does not fix this
