-- "assemblies": 2 rows
INSERT INTO assemblies (id) VALUES (1);
INSERT INTO assemblies (id) VALUES (2);
-- "assemblies_parts": 3 rows
INSERT INTO assemblies_parts (assembly_id, part_id) VALUES (NULL, NULL);
INSERT INTO assemblies_parts (assembly_id, part_id) VALUES (1, 1);
INSERT INTO assemblies_parts (assembly_id, part_id) VALUES (2, 2);
-- "parts": 2 rows
INSERT INTO parts (id) VALUES (1);
INSERT INTO parts (id) VALUES (2);
-- "sqlite_sequence": 2 rows
INSERT INTO sqlite_sequence (name, seq) VALUES ('assemblies', 2);
INSERT INTO sqlite_sequence (name, seq) VALUES ('parts', 2);
