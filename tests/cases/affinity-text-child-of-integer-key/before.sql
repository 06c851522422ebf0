-- Texts that refer to a rowid: the parent's INTEGER affinity turns '35', ' 35 ', '035' and '35.0' into 35.
-- Expected: only '35x' and the blob x'3939' are orphans, and become NULL; the four others are sound.
CREATE TABLE parents (id INTEGER PRIMARY KEY);
CREATE TABLE children (id INTEGER PRIMARY KEY, p TEXT REFERENCES parents (id));
INSERT INTO parents VALUES (35), (36);
INSERT INTO children VALUES (1, '35'), (2, ' 35 '), (3, '035'), (4, '35.0'), (5, '35x'), (6, x'3939');
