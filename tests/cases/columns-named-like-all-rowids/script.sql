-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left as it is:
--   orphan-rows: 1 row of kept (parent_id): the rows of kept cannot be told apart: it has columns named rowid, _rowid_ and oid
--   orphan-rows: 1 row of deleted (parent_id): the rows of deleted cannot be told apart: it has columns named rowid, _rowid_ and oid
