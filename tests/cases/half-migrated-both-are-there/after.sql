-- "account": 1 rows
INSERT INTO account (id, name) VALUES (1, 'a');
-- "invoice": 3 rows
INSERT INTO invoice (id, account_id, total) VALUES (1, 1, 9.5);
INSERT INTO invoice (id, account_id, total) VALUES (2, 8, 1);
INSERT INTO invoice (id, account_id, total) VALUES (4, 1, 5);
-- "invoice_line": 2 rows
INSERT INTO invoice_line (id, invoice_id) VALUES (1, 1);
INSERT INTO invoice_line (id, invoice_id) VALUES (2, 3);
-- "new__invoice": 3 rows
INSERT INTO new__invoice (id, account_id, total, paid) VALUES (1, 1, 9.5, 0);
INSERT INTO new__invoice (id, account_id, total, paid) VALUES (2, 8, 1, 0);
INSERT INTO new__invoice (id, account_id, total, paid) VALUES (3, 1, 20, 0);
-- "note": 2 rows
INSERT INTO note (id, account_id) VALUES (1, 1);
INSERT INTO note (id, account_id) VALUES (2, NULL);
