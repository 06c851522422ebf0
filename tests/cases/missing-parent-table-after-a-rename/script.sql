-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   missing-parent-table: admin_log (user_id): the schema is at fault, not the rows; sqlfix repair-schema corrects it, or says what is in the way
--   missing-parent-table: shelf (shop_id): the schema is at fault, not the rows; sqlfix repair-schema corrects it, or says what is in the way
--   missing-parent-table: hauntings (ghost_id): the schema is at fault, not the rows; sqlfix repair-schema corrects it, or says what is in the way
--   unfinished-migration: 1 row of new__shop: a repair does not fix this
