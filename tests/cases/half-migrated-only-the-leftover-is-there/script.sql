-- Repair of case.db, written by sqlfix.
-- Make a backup first, then: sqlite3 -bail FILE < THIS_SCRIPT
-- Nothing is done; see below.

-- Left unchanged:
--   orphan-rows: 1 row of _alembic_tmp_invoice (account_id): _alembic_tmp_invoice was left behind by a rebuild of invoice, and is never changed
--   missing-parent-table: invoice_line (invoice_id): the schema is at fault, not the rows; sqlfix repair-schema corrects it, or says what is in the way
--   unfinished-migration: 2 rows of _alembic_tmp_invoice: a repair does not fix this
