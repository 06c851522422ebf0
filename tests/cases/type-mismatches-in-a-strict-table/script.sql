-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left as it is:
--   type-mismatches: 5 rows of t (n): this version of repair does not mend it
--   type-mismatches: 3 rows of t (r): this version of repair does not mend it
--   type-mismatches: 3 rows of t (s): this version of repair does not mend it
--   type-mismatches: 3 rows of t (b): this version of repair does not mend it
