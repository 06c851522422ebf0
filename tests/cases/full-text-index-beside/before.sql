-- A full-text index with its shadow tables stands beside; one shadow table's name looks like an ordinary one.
-- needs: fts5
-- query: SELECT rowid FROM mail WHERE mail MATCH 'hello'
-- Expected: the shadow tables are not looked at; the orphan of the ordinary table becomes NULL.
CREATE VIRTUAL TABLE mail USING fts5 (body);
CREATE TABLE mail_folders (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES mail_folders (id));
INSERT INTO mail VALUES ('hello world'), ('bye');
INSERT INTO mail_folders VALUES (1, NULL), (2, 9);
