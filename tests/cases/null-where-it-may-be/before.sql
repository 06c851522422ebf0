-- NULL in a column without NOT NULL, and in the primary key of an ordinary table, where SQLite allows it.
-- Expected: null-in-primary-key, a warning, for the two keys; nothing else.
CREATE TABLE t (code TEXT PRIMARY KEY, n INTEGER NOT NULL, m INTEGER NULL, g AS (n + 1) NOT NULL);
INSERT INTO t (code, n, m) VALUES (NULL, 1, NULL), (NULL, 2, 3), ('x', 0, NULL);
CREATE TABLE u (a, b, PRIMARY KEY (a, b));
INSERT INTO u VALUES (NULL, NULL), (1, NULL);
CREATE TABLE v (id INTEGER PRIMARY KEY NOT NULL, word TEXT NOT NULL DEFAULT '');
INSERT INTO v (id) VALUES (NULL), (7);
