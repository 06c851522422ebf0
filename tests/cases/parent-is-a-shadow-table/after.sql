-- "doc": 2 rows
INSERT INTO doc (body) VALUES ('x');
INSERT INTO doc (body) VALUES ('y');
-- "note": 3 rows
INSERT INTO note (id, doc_id) VALUES (1, 1);
INSERT INTO note (id, doc_id) VALUES (2, NULL);
INSERT INTO note (id, doc_id) VALUES (3, NULL);
