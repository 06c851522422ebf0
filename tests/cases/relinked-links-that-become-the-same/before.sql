-- Links between authors and books, by keys that are spelled in several ways. With their parents' spelling some of them
-- are the same link.
-- Expected: 'nobody' is deleted. Of ann's links to each book one stays: ' ann' is one too many, and so is one of 'ANN'
-- and 'ann ', both of which mean book 2 and of which one spells that otherwise too. 'Dan' may be two people: held back.
CREATE TABLE author (code TEXT PRIMARY KEY);
CREATE TABLE book (id TEXT PRIMARY KEY);
CREATE TABLE author_book (author TEXT REFERENCES author, book TEXT REFERENCES book, PRIMARY KEY (author, book));
CREATE TABLE author_books_too (author TEXT REFERENCES author, book TEXT REFERENCES book);
INSERT INTO author VALUES ('ann'), ('DAN'), ('dan');
INSERT INTO book VALUES ('0a1b2c3d-0000-4000-8000-000000000001'), ('0a1b2c3d-0000-4000-8000-000000000002');
INSERT INTO author_book VALUES ('ann', '0a1b2c3d-0000-4000-8000-000000000001'),
  (' ann', '0a1b2c3d-0000-4000-8000-000000000001'), ('ANN', '0a1b2c3d-0000-4000-8000-000000000002'),
  ('ann ', '{0A1B2C3D-0000-4000-8000-000000000002}'), ('nobody', '0a1b2c3d-0000-4000-8000-000000000002'),
  ('Dan', '0a1b2c3d-0000-4000-8000-000000000002'), (' dan', '0a1b2c3d-0000-4000-8000-000000000002');
INSERT INTO author_books_too SELECT * FROM author_book WHERE author LIKE '%ann%';
