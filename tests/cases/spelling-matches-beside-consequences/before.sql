-- Login 2 is misspelled; user 'ben' is an orphan himself, and his login goes with him. The spelling rule must not take
-- the login 'ben', whose parent is about to go, for one that is merely misspelled.
-- Expected: users: 1 orphan, deleted. logins: 1 orphan, relinked; login 3 is deleted as a consequence.
CREATE TABLE firms (id INTEGER PRIMARY KEY);
CREATE TABLE users (id TEXT PRIMARY KEY, firm_id INTEGER NOT NULL REFERENCES firms (id));
CREATE TABLE logins (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
INSERT INTO firms VALUES (1);
INSERT INTO users VALUES ('ann', 1), ('ben', 9);
INSERT INTO logins VALUES (1, 'ann'), (2, 'ANN'), (3, 'ben');
