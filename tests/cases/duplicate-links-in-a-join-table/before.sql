-- A join table without a key of its own holds two links more than once.
-- Expected: duplicate-links, 3 rows too many of 2 links, a warning; the links with a NULL are none. A repair has nothing
-- to do with it.
CREATE TABLE books (id INTEGER PRIMARY KEY);
CREATE TABLE authors (id INTEGER PRIMARY KEY);
CREATE TABLE authors_books (author_id INTEGER REFERENCES authors (id), book_id INTEGER REFERENCES books (id));
INSERT INTO books VALUES (1), (2);
INSERT INTO authors VALUES (1), (2);
INSERT INTO authors_books VALUES (1, 1), (1, 2), (1, 1), (2, 2), (2, 2), (2, 2), (NULL, 1), (NULL, 1);
