-- "gone": 2 rows
INSERT INTO gone (what) VALUES ('a');
INSERT INTO gone (what) VALUES ('b');
-- "item": 3 rows
INSERT INTO item (id, p_id, data, size) VALUES (1, 1, '{"k": 1}', 2); -- kind = '1'
INSERT INTO item (id, p_id, data, size) VALUES (2, NULL, '{"k": 2}', 2); -- kind = '2'
INSERT INTO item (id, p_id, data, size) VALUES (3, NULL, '{}', 2); -- kind = NULL
-- "note": 1 rows
INSERT INTO note (id, p_id, tags) VALUES (1, 1, '[]');
-- "p": 1 rows
INSERT INTO p (id) VALUES (1);
