-- The same kind of tree, but the schema says SET NULL, and means both columns by it, also the one that is part of what
-- the rows beneath refer to.
-- reason: of SQLite 3.40
-- Expected: 1 orphan, node 3, left: emptying its tenant would take node 4's parent away, and nothing sound is changed.
CREATE TABLE nodes (
  tenant TEXT, number INTEGER, up INTEGER, UNIQUE (tenant, number),
  FOREIGN KEY (tenant, up) REFERENCES nodes (tenant, number) ON DELETE SET NULL
);
INSERT INTO nodes VALUES ('t', 1, NULL), ('t', 2, 1), ('t', 3, 99), ('t', 4, 3);
