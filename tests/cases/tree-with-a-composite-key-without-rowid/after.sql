-- "nodes": 3 rows
INSERT INTO nodes (site, name, up_site, up_name) VALUES ('x', 'root', 'x', 'root');
INSERT INTO nodes (site, name, up_site, up_name) VALUES ('y', 'root', 'Y', 'root');
INSERT INTO nodes (site, name, up_site, up_name) VALUES ('y', 'sound', 'y', 'root');
