-- "artists": 7 rows
INSERT INTO artists (name, label_id) VALUES ('Björk', 1);
INSERT INTO artists (name, label_id) VALUES ('O''Hara é', 1);
INSERT INTO artists (name, label_id) VALUES ('Zoë', 1);
INSERT INTO artists (name, label_id) VALUES ('anna', 1);
INSERT INTO artists (name, label_id) VALUES ('ÉMILE', 1);
INSERT INTO artists (name, label_id) VALUES ('Øå', 1);
INSERT INTO artists (name, label_id) VALUES ('øÅ', 1);
-- "labels": 1 rows
INSERT INTO labels (id) VALUES (1);
-- "parts": 1 rows
INSERT INTO parts (id, artist, label_id) VALUES (1, 'Zoë', 1);
-- "songs": 7 rows
INSERT INTO songs (id, artist) VALUES (0, 'Zoë');
INSERT INTO songs (id, artist) VALUES (1, 'Zoë');
INSERT INTO songs (id, artist) VALUES (2, 'Björk');
INSERT INTO songs (id, artist) VALUES (3, 'ÉMILE');
INSERT INTO songs (id, artist) VALUES (4, 'anna');
INSERT INTO songs (id, artist) VALUES (5, 'ØÅ');
INSERT INTO songs (id, artist) VALUES (8, 'O''Hara é');
