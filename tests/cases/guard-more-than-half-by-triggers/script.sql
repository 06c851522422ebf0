-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of orders (customer_id): with the file's own triggers it would delete 60 of 100 rows of remarks
