-- "vec": 4 rows
INSERT INTO vec (id, v) VALUES ('v1', 'x');
INSERT INTO vec (id, v) VALUES ('v2', 'w');
INSERT INTO vec (id, v) VALUES ('v2', 'y');
INSERT INTO vec (id, v) VALUES ('v3', 'z');
-- "vref": 4 rows
INSERT INTO vref (id, vec_id) VALUES (1, 'v1');
INSERT INTO vref (id, vec_id) VALUES (2, 'v2');
INSERT INTO vref (id, vec_id) VALUES (3, 'v3');
INSERT INTO vref (id, vec_id) VALUES (4, 'v9');
