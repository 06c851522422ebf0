-- Every way in which one key can be spelled twice, beside keys that are lost.
-- Expected: of 30 orphans 24 match a parent but for their spelling and get it. The 6 others become
-- NULL, also 1.10, which is not 1.1, and the lost ones that are spelt in such ways.
CREATE TABLE things (code BLOB PRIMARY KEY);
CREATE TABLE uses (id INTEGER PRIMARY KEY, code BLOB REFERENCES things (code), word TEXT);
INSERT INTO things VALUES ('ann'), (5), ('0700'), (2.5), (''), ('1.1'), ('6f9619ff-8b86-d011-b42d-00cf4fc964ff'),
  (x'12E4567E89B12D3A456426614174000F'), ('sixteen letters!');
INSERT INTO uses VALUES (1, 'ann', 'sound'),
  (2, char(65279) || 'ann', 'byte order mark'), (3, 'ann' || char(8203), 'zero-width space'), (4, char(160) || 'ann', 'NBSP'),
  (5, CAST(x'616E6E00' AS TEXT), 'NUL'), (6, '"ann"', 'quotes'), (7, '''ANN''', 'quotes and case'), (8, x'616E6E', 'BLOB'),
  (9, '5', 'text of a number'), (10, '5.0', 'point'), (11, '+5', 'plus'), (12, '005', 'zeros'), (13, x'35', 'BLOB'),
  (14, '2.5', 'text of a REAL'), (15, 700, 'number of a text'), (16, char(8203), 'nothing'),
  (17, 'urn:uuid:6F9619FF-8B86-D011-B42D-00CF4FC964FF', 'URN'), (18, x'6F9619FF8B86D011B42D00CF4FC964FF', '16 bytes'),
  (19, x'FF19966F868B11D0B42D00CF4FC964FF', '16 bytes of .NET'), (20, '{12E4567E-89B1-2D3A-4564-26614174000F}', 'text'),
  (21, '7E56E412-B189-3A2D-4564-26614174000F', 'text of .NET'), (22, x'7E56E412B1893A2D456426614174000F', 'BLOB, .NET'),
  (23, x'7369787465656E206C65747465727321', '16 bytes of text'), (24, '0x12e4567e89b12d3a456426614174000f', 'hexadecimal'),
  (25, ' ' || char(65279) || '"+05.00" ' , 'several'),
  (26, '1.10', 'lost'), (27, '"bob"', 'lost'), (28, '+6', 'lost'), (29, x'FF19966F868B11D0B42D00CF4FC964FE', 'lost'),
  (30, 'sixteen lettersX', 'lost'), (31, '5.5', 'lost');
