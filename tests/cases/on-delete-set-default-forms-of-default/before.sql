-- A default can be a bare word or a word in double quotes (both are texts there), an expression, a negative number.
-- Expected: 1 orphan in each of four relationships, each set to its default, which is a row of kinds: 'spare', 'last
-- resort', 'ab', -5; the types of the values are those of the column's affinity.
CREATE TABLE kinds (code PRIMARY KEY);
CREATE TABLE things (
  id INTEGER PRIMARY KEY,
  a TEXT DEFAULT spare REFERENCES kinds (code) ON DELETE SET DEFAULT,
  b TEXT DEFAULT "last resort" REFERENCES kinds (code) ON DELETE SET DEFAULT,
  c TEXT DEFAULT ('a' || 'b') REFERENCES kinds (code) ON DELETE SET DEFAULT,
  d INTEGER DEFAULT -5 REFERENCES kinds (code) ON DELETE SET DEFAULT
);
INSERT INTO kinds VALUES ('spare'), ('last resort'), ('ab'), (-5), ('x');
INSERT INTO things VALUES (1, 'gone', 'x', 'x', -5), (2, 'x', 'gone', 'x', -5), (3, 'x', 'x', 'gone', -5), (4, 'x', 'x', 'x', 7);
