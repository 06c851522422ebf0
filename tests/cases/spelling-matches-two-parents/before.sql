-- 'Ann' is 'ann' as well as 'ANN' but for its case: with two such parents none of them is meant more than the other.
-- Expected: 1 orphan that matches several parents but for its spelling: held back, since nobody can tell which is
-- meant. ' ann' means the first of them, though: white space is the milder difference, and it is relinked. And 'MG' in a NOT NULL column
-- is not deleted either.
CREATE TABLE users (id TEXT PRIMARY KEY);
CREATE TABLE logins (id INTEGER PRIMARY KEY, user_id TEXT REFERENCES users (id));
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
INSERT INTO users VALUES ('ann'), ('ANN'), ('mg'), ('Mg');
INSERT INTO logins VALUES (1, 'ann'), (2, 'Ann'), (3, ' ann'), (4, 'lost');
INSERT INTO posts VALUES (1, 'mg'), (2, 'MG'), (3, 'lost');
