-- "children": 12 rows
INSERT INTO children (id, k, payload) VALUES (1, 9223372036854775807, -9223372036854775808);
INSERT INTO children (id, k, payload) VALUES (2, NULL, 9223372036854775807);
INSERT INTO children (id, k, payload) VALUES (3, 9e999, -9e999);
INSERT INTO children (id, k, payload) VALUES (4, NULL, 9e999);
INSERT INTO children (id, k, payload) VALUES (5, CAST(x'610062' AS TEXT), CAST(x'6100' AS TEXT));
INSERT INTO children (id, k, payload) VALUES (6, NULL, CAST(x'00' AS TEXT));
INSERT INTO children (id, k, payload) VALUES (7, CAST(x'ff41' AS TEXT), CAST(x'fe' AS TEXT));
INSERT INTO children (id, k, payload) VALUES (8, NULL, x'fe');
INSERT INTO children (id, k, payload) VALUES (9, 1.5, 0.1);
INSERT INTO children (id, k, payload) VALUES (10, NULL, 1e+300);
INSERT INTO children (id, k, payload) VALUES (11, x'00', x'');
INSERT INTO children (id, k, payload) VALUES (12, NULL, '');
-- "parents": 6 rows
INSERT INTO parents (k) VALUES (9223372036854775807);
INSERT INTO parents (k) VALUES (1.5);
INSERT INTO parents (k) VALUES (9e999);
INSERT INTO parents (k) VALUES (CAST(x'610062' AS TEXT));
INSERT INTO parents (k) VALUES (CAST(x'ff41' AS TEXT));
INSERT INTO parents (k) VALUES (x'00');
