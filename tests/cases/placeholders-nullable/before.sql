-- Values that stand for "none": 0, -1, an empty text, \N, NULL and none as texts. And one key that is really lost.
-- Expected: items: 3 placeholders by number (0, -1, 0) and 1 orphan (7). tags: 4 placeholders by text and 1 orphan
-- ('lost'). All become NULL; the script says nothing of a deletion.
CREATE TABLE series (id INTEGER PRIMARY KEY);
CREATE TABLE words (word TEXT PRIMARY KEY);
CREATE TABLE items (id INTEGER PRIMARY KEY, series_id INTEGER REFERENCES series (id));
CREATE TABLE tags (id INTEGER PRIMARY KEY, word TEXT REFERENCES words (word));
INSERT INTO series VALUES (1);
INSERT INTO words VALUES ('red');
INSERT INTO items VALUES (1, 1), (2, 0), (3, -1), (4, 7), (5, NULL), (6, 0);
INSERT INTO tags VALUES (1, 'red'), (2, ''), (3, '\N'), (4, 'NULL'), (5, ' none '), (6, 'lost');
