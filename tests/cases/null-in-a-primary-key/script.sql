-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   null-in-primary-key: 2 rows of users (id): choose the right value
--   null-in-primary-key: 1 row of posts (id): choose the right value
--   null-in-primary-key: 3 rows of m2m (user_id, post_id): choose the right value
