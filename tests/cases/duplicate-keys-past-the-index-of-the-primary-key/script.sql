-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of vref (vec_id): an index of vec disagrees with its table, and REINDEX fails: its rows are not unique
--   duplicate-keys: 2 rows of vec (id): a repair does not fix this
