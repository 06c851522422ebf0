-- A comment belongs to a post or to a page: a CHECK wants one of the keys. Comment 4 has lost both.
-- Expected: 2 orphans by post_id (2 and 4) and 2 by page_id (3 and 4). The first step empties the post of comment 2,
-- whose page is sound, and of 4. After it the second would leave comment 4 with neither, so SQLite refuses it, and
-- page_id is left.
CREATE TABLE posts (id INTEGER PRIMARY KEY);
CREATE TABLE pages (id INTEGER PRIMARY KEY);
CREATE TABLE comments (
  id INTEGER PRIMARY KEY, post_id INTEGER REFERENCES posts (id), page_id INTEGER REFERENCES pages (id),
  CHECK (post_id IS NOT NULL OR page_id IS NOT NULL)
);
INSERT INTO posts VALUES (1);
INSERT INTO pages VALUES (1);
INSERT INTO comments VALUES (1, 1, 1), (2, 9, 1), (3, 1, 9), (4, 9, 9);
