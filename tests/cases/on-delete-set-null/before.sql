-- ON DELETE SET NULL would have emptied the key.
-- Expected: 1 orphan; book 2 stays with a NULL author.
CREATE TABLE authors (id INTEGER PRIMARY KEY);
CREATE TABLE books (id INTEGER PRIMARY KEY, title TEXT, author_id INTEGER REFERENCES authors (id) ON DELETE SET NULL);
INSERT INTO authors VALUES (1);
INSERT INTO books VALUES (1, 'one', 1), (2, 'two', 5);
