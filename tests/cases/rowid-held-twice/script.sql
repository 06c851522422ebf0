-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of c (p_id): p is damaged: its rows are not in the order of their keys
--   duplicate-keys: 2 rows of p (id): a repair does not fix this
