-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of orders (shop_id): on a copy it left 1 row of orders without a parent in customers instead of 0 (a trigger, or a column shared with another key)
