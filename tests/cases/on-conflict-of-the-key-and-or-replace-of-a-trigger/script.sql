-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 2 rows of c (p): SQLite refuses it: UNIQUE constraint failed: last.k (an ON CONFLICT clause of c could delete or skip rows, so the step is an UPDATE OR ABORT; and that overrules the conflict clauses of its triggers)
