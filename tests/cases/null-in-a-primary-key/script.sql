-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   null-in-primary-key: 2 rows of users (id): what is to stand there has to be decided
--   null-in-primary-key: 1 row of posts (id): what is to stand there has to be decided
--   null-in-primary-key: 3 rows of m2m (user_id, post_id): what is to stand there has to be decided
