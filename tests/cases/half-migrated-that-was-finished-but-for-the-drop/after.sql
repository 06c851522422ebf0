-- "account": 1 rows
INSERT INTO account (id) VALUES (1);
-- "invoice": 3 rows
INSERT INTO invoice (id, account_id, total) VALUES (1, 1, 9.5);
INSERT INTO invoice (id, account_id, total) VALUES (2, 8, 1);
INSERT INTO invoice (id, account_id, total) VALUES (3, 1, 5);
-- "invoice__old": 2 rows
INSERT INTO invoice__old (id, account_id, total) VALUES (1, 1, 9.5);
INSERT INTO invoice__old (id, account_id, total) VALUES (2, 8, 1);
-- "line": 2 rows
INSERT INTO line (id, invoice_id) VALUES (1, 1);
INSERT INTO line (id, invoice_id) VALUES (2, 2);
