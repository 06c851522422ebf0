-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of tickets (owner_id): its DEFAULT (99) has no parent in users
