-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   check-violations: 2 rows of item (price): what is to stand there has to be decided
--   check-violations: 1 row of item (kind): what is to stand there has to be decided
--   check-violations: 1 row of item (price, unit price): what is to stand there has to be decided
