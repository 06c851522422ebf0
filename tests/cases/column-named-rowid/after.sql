-- "nodes": 2 rows
INSERT INTO nodes (rowid, _rowid_) VALUES ('a', 'a');
INSERT INTO nodes (rowid, _rowid_) VALUES ('b', 'a');
