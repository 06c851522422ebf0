-- The primary key that is meant has two columns, and the foreign key has one.
-- Expected: column-count-mismatch; nothing is checked or touched.
CREATE TABLE stock (item INTEGER, place INTEGER, PRIMARY KEY (item, place));
CREATE TABLE sales (id INTEGER PRIMARY KEY, item INTEGER REFERENCES stock);
INSERT INTO stock VALUES (1, 1);
INSERT INTO sales VALUES (1, 1), (2, 9);
