-- "blobs": 1 rows
INSERT INTO blobs (id) VALUES (x'12e4567e89b12d3a456426614174000f');
-- "by_blob": 2 rows
INSERT INTO by_blob (id, k) VALUES (1, x'12e4567e89b12d3a456426614174000f');
INSERT INTO by_blob (id, k) VALUES (2, NULL);
-- "by_text": 5 rows
INSERT INTO by_text (id, k) VALUES (1, '12e4567e-89b1-2d3a-4564-26614174000f');
INSERT INTO by_text (id, k) VALUES (2, NULL);
INSERT INTO by_text (id, k) VALUES (3, NULL);
INSERT INTO by_text (id, k) VALUES (4, NULL);
INSERT INTO by_text (id, k) VALUES (5, NULL);
-- "texts": 1 rows
INSERT INTO texts (id) VALUES ('12e4567e-89b1-2d3a-4564-26614174000f');
