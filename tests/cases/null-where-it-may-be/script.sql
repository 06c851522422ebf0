-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   null-in-primary-key: 2 rows of t (code): what is to stand there has to be decided
--   null-in-primary-key: 2 rows of u (a, b): what is to stand there has to be decided
