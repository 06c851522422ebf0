-- A second row of the same two may be meant where it says more than the link, and cannot be where the pair is unique.
-- Expected: nothing is found, exit code 0; nothing to repair.
CREATE TABLE books (id INTEGER PRIMARY KEY);
CREATE TABLE authors (id INTEGER PRIMARY KEY);
CREATE TABLE authors_books (
  author_id INTEGER REFERENCES authors (id), book_id INTEGER REFERENCES books (id), signed_on TEXT
);
CREATE TABLE books_readers (
  id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books (id), reader_id INTEGER REFERENCES authors (id),
  UNIQUE (reader_id, book_id)
);
INSERT INTO books VALUES (1), (2);
INSERT INTO authors VALUES (1), (2);
INSERT INTO authors_books VALUES (1, 1, '2020-01-01'), (1, 1, '2021-01-01');
INSERT INTO books_readers VALUES (1, 1, 1), (2, 1, 2), (3, 2, 1);
