-- A database whose texts are stored as UTF-16.
-- options: --set notes.word=update:ü🐘
-- Expected: tags: 1 orphan by spelling ('ÄPFEL ', trimmed), relinked, and 1 other ('birne'), emptied. notes: 1 orphan,
-- set to 'ü🐘'.
PRAGMA encoding = 'UTF-16le';
CREATE TABLE words (word TEXT PRIMARY KEY);
CREATE TABLE tags (id INTEGER PRIMARY KEY, word TEXT REFERENCES words (word));
CREATE TABLE notes (id INTEGER PRIMARY KEY, word TEXT NOT NULL REFERENCES words (word));
INSERT INTO words VALUES ('ÄPFEL'), ('ü🐘');
INSERT INTO tags VALUES (1, 'ÄPFEL'), (2, 'ÄPFEL '), (3, 'birne');
INSERT INTO notes VALUES (1, 'ÄPFEL'), (2, 'weg');
