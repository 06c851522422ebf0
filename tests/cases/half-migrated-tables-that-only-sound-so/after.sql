-- "file_backup": 1 rows
INSERT INTO file_backup (id, path) VALUES (1, 'x');
-- "members": 1 rows
INSERT INTO members (number, name, joined, town, street) VALUES (7, 'x', NULL, NULL, NULL);
-- "new_members": 1 rows
INSERT INTO new_members (id, name) VALUES (1, 'x');
-- "price": 1 rows
INSERT INTO price (id, amount, currency) VALUES (1, 5, 'EUR');
-- "price_old": 1 rows
INSERT INTO price_old (id, price_id, until) VALUES (1, 1, '2020-01-01');
-- "temporary_password": 1 rows
INSERT INTO temporary_password (id, word) VALUES (1, 'x');
