-- Everything that a deleted user wrote is to belong to one user who says so; two tables share that row. Nobody used its
-- key before: 7 is that of an orphan in a third table, which is not to get a parent by accident.
-- options: --set posts.user_id=stand-in:one --set likes.user_id=stand-in:one --stand-in users.name=deleted
-- options: --stand-in "users.email=deleted-{key}@example.invalid" --set visits.user_id=keep
-- Expected: user 8 is made, and posts 2 and 3 and like 2 are pointed to it. Visit 1 keeps its key 7.
CREATE TABLE users (id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL, email TEXT NOT NULL UNIQUE);
CREATE TABLE posts (id INTEGER PRIMARY KEY, user_id INTEGER NOT NULL REFERENCES users (id) ON DELETE CASCADE);
CREATE TABLE likes (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id) ON DELETE SET NULL);
CREATE TABLE visits (id INTEGER PRIMARY KEY, user_id INTEGER REFERENCES users (id));
INSERT INTO users VALUES (1, 'ann', 'ann@example.org');
INSERT INTO posts VALUES (1, 1), (2, 3), (3, 4);
INSERT INTO likes VALUES (1, NULL), (2, 3);
INSERT INTO visits VALUES (1, 7);
