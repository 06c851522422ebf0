-- "notes": 2 rows
INSERT INTO notes (id, word) VALUES (1, 'ÄPFEL');
INSERT INTO notes (id, word) VALUES (2, 'ü🐘');
-- "tags": 3 rows
INSERT INTO tags (id, word) VALUES (1, 'ÄPFEL');
INSERT INTO tags (id, word) VALUES (2, 'ÄPFEL');
INSERT INTO tags (id, word) VALUES (3, NULL);
-- "words": 2 rows
INSERT INTO words (word) VALUES ('ÄPFEL');
INSERT INTO words (word) VALUES ('ü🐘');
