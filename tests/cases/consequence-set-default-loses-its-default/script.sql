-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of orders (customer_id): it would delete rows of orders that 1 row references by parcels.order_id (its DEFAULT (2) has no parent in orders)
