-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of orders (customer_id): it would delete rows of orders that 2 rows reference by lines.order_code (SQLite cannot use this foreign key, so nobody can check it)
--   parent-key-not-unique: lines (order_code): the schema is at fault, not the rows; sqlfix repair-schema corrects it, or says what is in the way
