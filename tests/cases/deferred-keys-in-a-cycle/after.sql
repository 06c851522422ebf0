-- "a": 2 rows
INSERT INTO a (id, b_id) VALUES (1, 1);
INSERT INTO a (id, b_id) VALUES (2, NULL);
-- "b": 1 rows
INSERT INTO b (id, a_id) VALUES (1, 1);
-- "tags": 1 rows
INSERT INTO tags (id, b_id) VALUES (1, 1);
