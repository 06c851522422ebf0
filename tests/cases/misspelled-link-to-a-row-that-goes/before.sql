-- Login 2 names 'BEN' and means 'ben', who is an orphan himself and goes. Login 3 means 'ann', who stays.
-- Expected: users: 1 orphan, deleted. logins: 2 orphans, both misspelled at first; with 'ben' gone, login 2 has nobody
-- left that it could mean, and goes as the schema says; login 3 is relinked.
CREATE TABLE firms (id INTEGER PRIMARY KEY);
CREATE TABLE users (id TEXT PRIMARY KEY, firm_id INTEGER NOT NULL REFERENCES firms (id));
CREATE TABLE logins (id INTEGER PRIMARY KEY, user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE);
INSERT INTO firms VALUES (1);
INSERT INTO users VALUES ('ann', 1), ('ben', 9);
INSERT INTO logins VALUES (1, 'ann'), (2, 'BEN'), (3, 'ANN');
