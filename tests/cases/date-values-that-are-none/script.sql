-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   invalid-dates: 4 rows of person (born): what is to stand there has to be decided
--   invalid-dates: 4 rows of person (seen): what is to stand there has to be decided
--   invalid-dates: 4 rows of person (left): what is to stand there has to be decided
