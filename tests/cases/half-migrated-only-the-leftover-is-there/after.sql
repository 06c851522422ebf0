-- "_alembic_tmp_invoice": 2 rows
INSERT INTO _alembic_tmp_invoice (id, account_id, total) VALUES (1, 1, 9.5);
INSERT INTO _alembic_tmp_invoice (id, account_id, total) VALUES (3, 7, 20);
-- "account": 1 rows
INSERT INTO account (id, name) VALUES (1, 'a');
-- "invoice_line": 3 rows
INSERT INTO invoice_line (id, invoice_id, txt) VALUES (1, 1, 'x');
INSERT INTO invoice_line (id, invoice_id, txt) VALUES (2, 3, 'line of invoice 3');
INSERT INTO invoice_line (id, invoice_id, txt) VALUES (3, 3, 'line of invoice 3');
