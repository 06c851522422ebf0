-- Alembic died between dropping invoice and giving the new table its name: it is there as _alembic_tmp_invoice.
-- Expected: two faults of the schema, and an orphan (invoice 3) that is held back: lines 2 and 3 are its own.
CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE _alembic_tmp_invoice (
  id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), total NUMERIC
);
CREATE TABLE invoice_line (id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoice (id), txt TEXT);
INSERT INTO account VALUES (1, 'a');
INSERT INTO _alembic_tmp_invoice VALUES (1, 1, 9.5), (3, 7, 20);
INSERT INTO invoice_line VALUES (1, 1, 'x'), (2, 3, 'line of invoice 3'), (3, 3, 'line of invoice 3');
