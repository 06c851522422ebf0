-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left as it is:
--   orphan-rows: 1 row of orders (customer_id): rows of lines may refer to those that it would delete, which could not be checked: the schema is at fault: parent-key-not-unique
--   parent-key-not-unique: lines (order_code): the schema is at fault, not the rows; it has to be mended first
