-- All rows of x__old are in x as well: it was only not dropped. Its own orphans stay, and x keeps its rows, too.
-- Expected: a hint. invoice 2 is an orphan in both tables and is held back in both; line 3 refers to nobody and goes.
CREATE TABLE account (id INTEGER PRIMARY KEY);
CREATE TABLE invoice (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), total NUMERIC);
CREATE TABLE invoice__old (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), total NUMERIC);
CREATE TABLE line (id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL REFERENCES invoice (id));
INSERT INTO account VALUES (1);
INSERT INTO invoice VALUES (1, 1, 9.5), (2, 8, 1), (3, 1, 5);
INSERT INTO invoice__old VALUES (1, 1, 9.5), (2, 8, 1);
INSERT INTO line VALUES (1, 1), (2, 2), (3, 77);
