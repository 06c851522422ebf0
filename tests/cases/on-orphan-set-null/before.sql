-- One fix for all orphans: keep the rows, also those of a CASCADE and the link rows of a join table.
-- options: --on-orphan set-null
-- Expected: both orphans become NULL, nothing is deleted.
CREATE TABLE books (id INTEGER PRIMARY KEY);
CREATE TABLE tags (id INTEGER PRIMARY KEY);
CREATE TABLE books_tags (book_id INTEGER REFERENCES books (id), tag_id INTEGER REFERENCES tags (id));
CREATE TABLE pages (id INTEGER PRIMARY KEY, book_id INTEGER REFERENCES books (id) ON DELETE CASCADE);
INSERT INTO books VALUES (1);
INSERT INTO tags VALUES (1);
INSERT INTO books_tags VALUES (1, 1), (1, 9);
INSERT INTO pages VALUES (1, 1), (2, 9);
