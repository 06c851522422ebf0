-- 'Ann' is 'ann' as well as 'ANN' but for its case: with two such parents none of them is meant more than the other.
-- Expected: 1 orphan without a spelling match, so it is treated like any other: NULL.
CREATE TABLE users (id TEXT PRIMARY KEY);
CREATE TABLE logins (id INTEGER PRIMARY KEY, user_id TEXT REFERENCES users (id));
INSERT INTO users VALUES ('ann'), ('ANN');
INSERT INTO logins VALUES (1, 'ann'), (2, 'Ann');
