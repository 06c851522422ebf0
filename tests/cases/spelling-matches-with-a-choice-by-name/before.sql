-- Whoever names the relationship has decided about all of its orphans.
-- options: --set logins.user_id=delete
-- Expected: both orphans are deleted, also the one that differs by its case only.
CREATE TABLE users (id TEXT PRIMARY KEY);
CREATE TABLE logins (id INTEGER PRIMARY KEY, user_id TEXT REFERENCES users (id));
INSERT INTO users VALUES ('ann');
INSERT INTO logins VALUES (1, 'ann'), (2, 'ANN'), (3, 'nobody');
