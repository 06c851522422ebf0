-- "cards": 2 rows
INSERT INTO cards (id, nid, did, tag) VALUES (1, 1, 1, 'verb');
INSERT INTO cards (id, nid, did, tag) VALUES (3, 2, NULL, NULL);
-- "decks": 2 rows
INSERT INTO decks (id, name) VALUES (1, 'Default');
INSERT INTO decks (id, name) VALUES (2, 'Other');
-- "notes": 2 rows
INSERT INTO notes (id, mid, flds) VALUES (1, 1, 'f');
INSERT INTO notes (id, mid, flds) VALUES (2, 1, 'g');
-- "tags": 2 rows
INSERT INTO tags (tag, usn) VALUES ('Verb', 0);
INSERT INTO tags (tag, usn) VALUES ('noun', 0);
