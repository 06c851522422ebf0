-- All that may look like a duplicate and is none: NULLs, a case that counts, rows outside of a partial index, an
-- expression, a number and its text.
-- Expected: nothing is found, exit code 0; nothing to repair.
CREATE TABLE users (
  id INTEGER PRIMARY KEY, email TEXT UNIQUE, nick TEXT COLLATE NOCASE, deleted INTEGER, code UNIQUE,
  UNIQUE (nick, email)
);
CREATE UNIQUE INDEX users_nick ON users (nick) WHERE deleted IS NULL;
CREATE UNIQUE INDEX users_upper ON users (upper(email), (deleted IS NULL));
INSERT INTO users VALUES
  (1, 'a', 'Ann', NULL, 1), (2, NULL, 'ann', 1, '1'), (3, NULL, 'ANN', 1, NULL), (4, 'A', 'Ben', 1, NULL),
  (5, NULL, NULL, NULL, x'31'), (6, NULL, NULL, NULL, 1.5);
CREATE TABLE pairs (a TEXT, b TEXT, PRIMARY KEY (a, b)) WITHOUT ROWID;
INSERT INTO pairs VALUES ('x', 'y'), ('x', 'Y'), ('y', 'x');
