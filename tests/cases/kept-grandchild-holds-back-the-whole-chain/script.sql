-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of customers (firm_id): it would delete rows of customers that 1 row references by orders.customer_id (it would delete rows of orders that 1 row references by lines.order_id (it would delete rows of lines that 1 row references by notes.line_id (kept, as you chose)))
