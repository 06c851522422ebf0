-- The parent's collation decides, whatever the child's is.
-- Expected: by_nocase: 'ANN' finds 'ann', so only 'Zoe' is an orphan. by_binary: the child is NOCASE but the parent is
-- not, so 'ANN' is an orphan; it finds one parent but for its case, and is relinked.
CREATE TABLE a (name TEXT COLLATE NOCASE PRIMARY KEY);
CREATE TABLE b (name TEXT PRIMARY KEY);
CREATE TABLE by_nocase (id INTEGER PRIMARY KEY, name TEXT REFERENCES a (name));
CREATE TABLE by_binary (id INTEGER PRIMARY KEY, name TEXT COLLATE NOCASE REFERENCES b (name));
INSERT INTO a VALUES ('ann');
INSERT INTO b VALUES ('ann');
INSERT INTO by_nocase VALUES (1, 'ANN'), (2, 'Zoe'), (3, 'ann');
INSERT INTO by_binary VALUES (1, 'ANN'), (2, 'ann');
