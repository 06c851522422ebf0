-- A key of two columns, of which one is the key of a tenant, who is gone as well; and an ON CONFLICT REPLACE that would
-- take a sound row away.
-- options: --set "lines.tenant,doc=stand-in"
-- Expected: documents (1, 9), (2, 5) and a tenant 2 are made; the title of each is its own. The spellings '9' and 9 of a
-- key are one document. The line of the placeholder (1, 0) has one too, for its relationship was named.
CREATE TABLE tenants (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE docs (
  tenant INT NOT NULL REFERENCES tenants (id), doc INT NOT NULL, title TEXT NOT NULL UNIQUE ON CONFLICT REPLACE,
  PRIMARY KEY (tenant, doc)
) WITHOUT ROWID;
CREATE TABLE lines (
  id INTEGER PRIMARY KEY, tenant INT NOT NULL, doc NOT NULL, FOREIGN KEY (tenant, doc) REFERENCES docs (tenant, doc)
);
INSERT INTO tenants VALUES (1, 'one');
INSERT INTO docs VALUES (1, 1, 'stand-in 1-9'), (1, 2, 'a');
INSERT INTO lines VALUES (1, 1, 1), (2, 1, 9), (3, 1, '9'), (4, 2, 5), (5, 1, 0);
