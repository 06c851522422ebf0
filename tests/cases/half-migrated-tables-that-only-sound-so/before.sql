-- Tables of their own that are called like leftovers: with other columns, or of nothing that is missed.
-- Expected: no word of a migration; the orphan of price_old is deleted.
CREATE TABLE price (id INTEGER PRIMARY KEY, amount NUMERIC, currency TEXT);
CREATE TABLE price_old (id INTEGER PRIMARY KEY, price_id INTEGER NOT NULL REFERENCES price (id), until TEXT);
CREATE TABLE file_backup (id INTEGER PRIMARY KEY, path TEXT);
CREATE TABLE temporary_password (id INTEGER PRIMARY KEY, word TEXT);
CREATE TABLE new_members (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE members (number INTEGER PRIMARY KEY, name TEXT, joined TEXT, town TEXT, street TEXT);
INSERT INTO price VALUES (1, 5, 'EUR');
INSERT INTO price_old VALUES (1, 1, '2020-01-01'), (2, 9, '2020-01-01');
INSERT INTO file_backup VALUES (1, 'x');
INSERT INTO temporary_password VALUES (1, 'x');
INSERT INTO new_members VALUES (1, 'x');
INSERT INTO members VALUES (7, 'x', NULL, NULL, NULL);
