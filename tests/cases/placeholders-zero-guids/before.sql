-- All-zero GUIDs: 16 bytes, 32 hex digits, with hyphens, with braces.
-- Expected: by_blob: 1 placeholder, emptied. by_text: 3 placeholders, emptied, and 1 orphan (a GUID that is not zero),
-- emptied too. The keys that have a parent stay.
CREATE TABLE blobs (id BLOB PRIMARY KEY);
CREATE TABLE texts (id TEXT PRIMARY KEY);
CREATE TABLE by_blob (id INTEGER PRIMARY KEY, k BLOB REFERENCES blobs (id));
CREATE TABLE by_text (id INTEGER PRIMARY KEY, k TEXT REFERENCES texts (id));
INSERT INTO blobs VALUES (x'12e4567e89b12d3a456426614174000f');
INSERT INTO texts VALUES ('12e4567e-89b1-2d3a-4564-26614174000f');
INSERT INTO by_blob VALUES (1, x'12e4567e89b12d3a456426614174000f'), (2, x'00000000000000000000000000000000');
INSERT INTO by_text VALUES
  (1, '12e4567e-89b1-2d3a-4564-26614174000f'), (2, '00000000-0000-0000-0000-000000000000'),
  (3, '00000000000000000000000000000000'), (4, '{00000000-0000-0000-0000-000000000000}'),
  (5, '99999999-89b1-2d3a-4564-26614174000f');
