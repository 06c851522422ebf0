-- "mail": 2 rows
INSERT INTO mail (body) VALUES ('bye');
INSERT INTO mail (body) VALUES ('hello world');
-- SELECT rowid FROM mail WHERE mail MATCH 'hello'
--   1
