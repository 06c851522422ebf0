-- The module of posts is not part of SQLite: which tables it makes to keep its content, nobody knows here. One that
-- declares foreign keys is an ordinary one; of the others, posts_data has a name that such modules use.
-- Expected: the orphan of posts_stat is found and deleted; posts_data is not looked at; what is found in posts_tag is
-- left, with that reason, and what is found in plain is mended.
-- integrity: NULL value in posts_tag.n
-- query: SELECT * FROM posts_stat
-- query: SELECT * FROM posts_tag
CREATE TABLE author(id INTEGER PRIMARY KEY);
CREATE TABLE posts_stat(id INTEGER PRIMARY KEY, a INT NOT NULL REFERENCES author);
CREATE TABLE posts_data(id INTEGER PRIMARY KEY, n INT);
CREATE TABLE posts_tag(id INTEGER PRIMARY KEY, n INT DEFAULT 5);
CREATE TABLE plain(id INTEGER PRIMARY KEY, n INT DEFAULT 5);
INSERT INTO author VALUES(1);
INSERT INTO posts_stat VALUES(1,7),(2,1);
INSERT INTO posts_data VALUES(1,'x'),(2,3);
INSERT INTO posts_tag VALUES(1,NULL),(2,1),(3,2);
INSERT INTO plain VALUES(1,NULL),(2,1),(3,2);
PRAGMA writable_schema = ON;
UPDATE sqlite_schema SET sql = replace(sql, 'n INT DEFAULT', 'n INT NOT NULL DEFAULT');
INSERT INTO sqlite_schema VALUES('table', 'posts', 'posts', 0, 'CREATE VIRTUAL TABLE posts USING mystery(a)');
PRAGMA writable_schema = RESET;
