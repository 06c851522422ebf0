-- Keys that would find one parent but for spaces, case, hyphens, braces or leading zeros, beside keys that are lost.
-- Expected: 6 of 8 orphans match but for their spelling and are relinked; the 2 others ('nobody' and a
-- GUID that nobody has) become NULL. 1 row is sound.
CREATE TABLE users (id TEXT PRIMARY KEY);
CREATE TABLE logins (id INTEGER PRIMARY KEY, user_id TEXT REFERENCES users (id));
INSERT INTO users VALUES ('ann'), ('12e4567e-89b1-2d3a-4564-26614174000f'), ('abcdef0123456789abcdef0123456789'), ('42');
INSERT INTO logins VALUES
  (1, 'ann'), (2, ' ann'), (3, 'ANN'), (4, '12e4567e89b12d3a456426614174000f'),
  (5, '{12E4567E-89B1-2D3A-4564-26614174000F}'), (6, 'abcdef01-2345-6789-abcd-ef0123456789'), (7, '0042'),
  (8, 'nobody'), (9, '99999999-89b1-2d3a-4564-26614174000f');
