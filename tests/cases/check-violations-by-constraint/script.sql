-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   check-violations: 2 rows of item (price): choose the right value
--   check-violations: 1 row of item (kind): choose the right value
--   check-violations: 1 row of item (price, unit price): choose the right value
