-- Profiles, one for each user, which carry data: with their parents' spelling some would be a second one.
-- Expected: 2 and 5 get their parent; of 3 and 4, which mean the same user, the first one does; 6 means a user who has a
-- profile. 4 and 6 are left. Badges: 7 cannot be held as '007' is spelled in a column of numbers: left.
CREATE TABLE users (name TEXT PRIMARY KEY);
CREATE TABLE profile (id INTEGER PRIMARY KEY, user TEXT NOT NULL UNIQUE REFERENCES users, born INTEGER);
CREATE TABLE badge (id INTEGER PRIMARY KEY, user INTEGER REFERENCES users);
INSERT INTO users VALUES ('ann'), ('bob'), ('carl'), ('Émile'), ('007');
INSERT INTO profile VALUES (1, 'ann', 1970), (2, 'BOB', 1971), (3, 'carl ', 1972), (4, '"carl"', 1973),
  (5, 'émile', 1974), (6, 'Ann', 1975);
INSERT INTO badge VALUES (1, 7);
