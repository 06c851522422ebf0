-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of customers (firm_id): it would delete rows of customers to which 1 row refers by orders.customer_id (it would delete rows of orders to which 1 row refers by lines.order_id (it would delete rows of lines to which 1 row refers by notes.line_id (kept, as you chose)))
