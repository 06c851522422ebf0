-- A tree for each tenant: the parent is looked up by tenant and number, and the tenant is part of what others refer to.
-- Expected: 1 orphan, node 3. Only its parent number becomes NULL; its tenant stays, and so node 4 beneath it is sound.
CREATE TABLE nodes (
  tenant TEXT, number INTEGER, up INTEGER, UNIQUE (tenant, number),
  FOREIGN KEY (tenant, up) REFERENCES nodes (tenant, number) ON DELETE CASCADE
);
INSERT INTO nodes VALUES ('t', 1, NULL), ('t', 2, 1), ('t', 3, 99), ('t', 4, 3);
