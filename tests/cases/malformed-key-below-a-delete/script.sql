-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of orders (customer_id): it would delete rows of orders to which 2 rows refer by lines.order_code (a key that SQLite cannot use, so that nobody can check it)
--   parent-key-not-unique: lines (order_code): the schema is at fault, not the rows; it has to be mended first
