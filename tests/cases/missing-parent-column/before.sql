-- The column that is referred to does not exist; and the rowid is no column either, as far as foreign keys go.
-- Expected: missing-parent-column twice, nothing is checked or touched.
CREATE TABLE cities (id INTEGER PRIMARY KEY, name TEXT);
CREATE TABLE streets (id INTEGER PRIMARY KEY, city TEXT REFERENCES cities (code));
CREATE TABLE rivers (id INTEGER PRIMARY KEY, city INTEGER REFERENCES cities (rowid));
INSERT INTO cities VALUES (1, 'Rome');
INSERT INTO streets VALUES (1, 'ROM');
INSERT INTO rivers VALUES (1, 1), (2, 9);
