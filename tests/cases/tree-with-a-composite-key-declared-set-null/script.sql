-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of nodes (tenant, up): on a copy it changed 2 rows instead of 1
