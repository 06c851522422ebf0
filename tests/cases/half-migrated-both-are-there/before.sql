-- Django died while it copied rows back: new__invoice has invoice 3, which invoice lacks; its line is no stray.
-- Expected: the orphans of invoice (2), of new__invoice (2) and of invoice_line (3) are all held back. The note, which
-- has to do with neither, is emptied.
CREATE TABLE account (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE invoice (id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), total NUMERIC);
CREATE TABLE new__invoice (
  id INTEGER PRIMARY KEY, account_id INTEGER NOT NULL REFERENCES account (id), total NUMERIC, paid INTEGER
);
CREATE TABLE invoice_line (id INTEGER PRIMARY KEY, invoice_id INTEGER REFERENCES invoice (id));
CREATE TABLE note (id INTEGER PRIMARY KEY, account_id INTEGER REFERENCES account (id));
INSERT INTO account VALUES (1, 'a');
INSERT INTO invoice VALUES (1, 1, 9.5), (2, 8, 1), (4, 1, 5);
INSERT INTO new__invoice VALUES (1, 1, 9.5, 0), (2, 8, 1, 0), (3, 1, 20, 0);
INSERT INTO invoice_line VALUES (1, 1), (2, 3);
INSERT INTO note VALUES (1, 1), (2, 8);
