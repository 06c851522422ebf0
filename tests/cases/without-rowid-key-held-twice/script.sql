-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of refs (a, b): w is damaged: its rows are not in the order of their keys
--   duplicate-keys: 2 rows of w (a, b): a repair does not fix this
