-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left as it is:
--   not-null-violations: 2 rows of person (email): this version of repair does not mend it
--   not-null-violations: 1 row of person (age): this version of repair does not mend it
--   not-null-violations: 2 rows of person (seen): this version of repair does not mend it
--   not-null-violations: 1 row of pair (c): this version of repair does not mend it
