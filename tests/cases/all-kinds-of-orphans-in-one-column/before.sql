-- One column holds a placeholder, a key that is only misspelled and a key that is lost; in a column that may be NULL
-- and in one that may not.
-- Expected: each: 1 placeholder, 2 orphans of which 1 matches but for its spelling, and gets its parent in both.
-- nullable: the placeholder and the lost key become NULL. needed: the lost one is deleted, the placeholder is left.
CREATE TABLE users (id TEXT PRIMARY KEY);
CREATE TABLE nullable (id INTEGER PRIMARY KEY, user_id TEXT REFERENCES users (id));
CREATE TABLE needed (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id));
INSERT INTO users VALUES ('ann'), ('ben');
INSERT INTO nullable VALUES (1, 'ann'), (2, ''), (3, 'ANN'), (4, 'gone');
INSERT INTO needed VALUES (1, 'ann'), (2, ''), (3, 'ANN'), (4, 'gone');
