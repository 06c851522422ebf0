-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   invalid-dates: 4 rows of person (born): choose the right value: --set person.born=update:VALUE
--   invalid-dates: 4 rows of person (seen): choose the right value: --set person.seen=update:VALUE
--   invalid-dates: 4 rows of person (left): choose the right value: --set person.left=update:VALUE
