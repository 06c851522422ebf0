-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 2 rows of shifts (worker_id): SQLite refuses it: UNIQUE constraint failed: shifts.day
