-- A PRIMARY KEY of SQLite takes NULLs, and no ORM reaches such rows again. Others have none by their kind.
-- Expected: null-in-primary-key for users (2 rows), posts (1) and m2m (3, of which two are the same), by their rowids;
-- nothing for the rest. Nothing is repaired.
CREATE TABLE `users` (`id` text PRIMARY KEY, `email` text NOT NULL);
CREATE TABLE `posts` (`id` text PRIMARY KEY, `user_id` text REFERENCES users(id), `body` text);
CREATE TABLE `m2m` (`user_id` text, `post_id` text, PRIMARY KEY(user_id, post_id), FOREIGN KEY(user_id) REFERENCES users(id), FOREIGN KEY(post_id) REFERENCES posts(id));
INSERT INTO users VALUES(NULL,'a@x'),(NULL,'b@x'),('u3','c@x'),('','d@x');
INSERT INTO posts VALUES('p1',NULL,'x'),('p2','u3','y'),(NULL,'u3','z');
INSERT INTO m2m VALUES('u3','p1'),(NULL,'p2'),(NULL,'p2'),('u3',NULL);
CREATE TABLE numbered (id INTEGER PRIMARY KEY, n);
INSERT INTO numbered VALUES (NULL, NULL);
CREATE TABLE keyed (a TEXT, b INTEGER, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO keyed VALUES ('', 0);
CREATE TABLE links (a INTEGER, b INTEGER);
INSERT INTO links VALUES (NULL, NULL);
