-- "nodes": 4 rows
INSERT INTO nodes (tenant, number, up) VALUES ('t', 1, NULL);
INSERT INTO nodes (tenant, number, up) VALUES ('t', 2, 1);
INSERT INTO nodes (tenant, number, up) VALUES ('t', 3, NULL);
INSERT INTO nodes (tenant, number, up) VALUES ('t', 4, 3);
