-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   column-count-mismatch: sales (item): the schema is at fault, not the rows; sqlfix repair-schema corrects it, or says what is in the way
