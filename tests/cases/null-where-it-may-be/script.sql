-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   null-in-primary-key: 2 rows of t (code): choose the right value
--   null-in-primary-key: 2 rows of u (a, b): choose the right value
