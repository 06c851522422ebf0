-- "nodes": 2 rows
INSERT INTO nodes (k, up, v) VALUES ('A', 'root', 'sound');
INSERT INTO nodes (k, up, v) VALUES ('root', 'root', 'r');
