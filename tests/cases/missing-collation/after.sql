-- "names": 2 rows
INSERT INTO names (name) VALUES ('ann');
INSERT INTO names (name) VALUES ('ben');
-- "notes": 2 rows
INSERT INTO notes (id, word_id) VALUES (1, 1);
INSERT INTO notes (id, word_id) VALUES (2, NULL);
-- "words": 2 rows
INSERT INTO words (id, name) VALUES (1, 'ann');
INSERT INTO words (id, name) VALUES (2, 'gone');
