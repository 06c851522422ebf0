-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of orders (customer_id): it would delete rows of orders that 60 rows reference by lines.order_id (it would delete 60 of the 100 rows of lines; held back unless you give --allow-mass-delete)
